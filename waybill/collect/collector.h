#pragma once

#include <ctime>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "waybill/collect/exporter_pool.h"
#include "waybill/collect/host.h"
#include "waybill/collect/metric_collection.h"
#include "waybill/collect/own_metrics.h"
#include "waybill/collect/runtime_directory.h"
#include "waybill/configure/environment.h"
#include "waybill/support/log.h"

namespace waybill::collect {

// The books over all hosts, dead ones included, and of the exporters.
struct Books {
  std::vector<HostBooks> hosts;
  exporters::ExporterStatistics exporters;
  exporters::MetricExporterStatistics metric_exporters;
  exporters::ExporterStatistics log_exporters;  // in log records
  std::size_t living = 0;                       // hosts whose segments are being read
};

// Finds the segments in a runtime directory, reads them, and has their spans exported; takes the segments of
// dead hosts away. Everything but the exporters runs on the thread that calls run().
class Collector {
 public:
  // `defaults` are the variables of the collecting process; each host's own stand above them. `log` outlives
  // it. `cost`: the clock of the processor time that collecting takes; where it is a thread of a host, that
  // thread's. `make`: who makes exporters of spans.
  Collector(RuntimeDirectory directory, configure::Environment defaults, Log& log,
            clockid_t cost = CLOCK_PROCESS_CPUTIME_ID,
            ExporterPool::MakeExporters make = exporters::make_exporters);

  // Says to hosts that somebody reads. From here on run() must be called within seconds.
  void announce();

  // Reads until `stop` says true; it is asked at least 20 times a second.
  void run(const std::function<bool()>& stop);

  // Between two calls of run(): reads what was recorded until now and has the exporters send it. False: not
  // all was taken by the deadline.
  bool flush(std::chrono::steady_clock::time_point deadline);

  // Reads what is left, hands it to the exporters and ends them by the deadline. Segments of living hosts and
  // what could not be exported stay for the next collecting process; in a private directory, to which none
  // will come, it is dropped and counted.
  void finish(std::chrono::steady_clock::time_point deadline);

  // After finish(): a thread may still wait for a broker's answer that nobody needs any more. The destructor
  // would wait for it; a process that ends needs no destructor.
  bool waits_for_broker() const { return !metrics_.has_stopped_asking(); }

  Books books() const;
  std::size_t living_hosts() const { return hosts_.size(); }

 private:
  void round(bool of_all = false);
  std::chrono::milliseconds pause() const;
  void read_the_dead(std::chrono::steady_clock::time_point deadline);
  void drop_what_has_no_next();
  void find_hosts();
  void attach(const std::string& name);
  bool attach(const std::string& name, OpenSegment segment, std::string& why);
  bool has_room_for(uid_t owner, std::uint64_t segment_size);
  void let_go_of_the_dead();
  void beat_if_due();
  void adapt_if_due();
  std::uint64_t lost() const;

  clockid_t cost_;
  RuntimeDirectory directory_;
  configure::Environment defaults_;
  Log& log_;
  ExporterPool pool_;
  MetricPool metric_pool_;
  ExporterPool log_pool_;
  OwnMetrics own_metrics_;
  MetricCollection metrics_;
  std::vector<std::unique_ptr<Host>> hosts_;
  std::vector<HostBooks> ended_;
  std::size_t next_turn_ = 0;  // the host that comes first in the next round
  // What became of the files that stand in the directory: no usable segments, or more of one user's than are
  // read at once, which wait until another of his goes.
  enum class Standing { kRead, kRefused, kWaits };
  std::map<std::string, Standing> files_;
  std::uint64_t last_beat_ns_ = 0;
  std::uint64_t last_look_at_the_dead_ns_ = 0;
  std::uint64_t last_adapted_ns_ = 0;
  std::uint64_t cpu_when_adapted_ns_ = 0;
};

}  // namespace waybill::collect
