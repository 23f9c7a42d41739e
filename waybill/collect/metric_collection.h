#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "waybill/collect/host.h"
#include "waybill/collect/lag_watch.h"
#include "waybill/collect/metric_pool.h"
#include "waybill/collect/runtime_directory.h"

namespace waybill::collect {

// Takes metrics from hosts to their exporters: when an exporter wants them, and once more when a host ends.
// How far the hosts' consumers are behind is asked beside it.
// Keeps what exporters have told already, for the next collecting process. Owned by the collector's thread.
class MetricCollection {
 public:
  using Hosts = std::vector<std::unique_ptr<Host>>;

  // What the collecting process says about itself, and about groups that no host speaks for.
  using OwnSnapshot = std::function<std::shared_ptr<const telemetry::MetricSnapshot>(
      bool last, std::span<const lag::LagPoint> lags)>;

  // The first two and `log` outlive it. `own_settings` are those of the collecting process: what it says
  // about itself goes where they say, as soon as a host's metrics go there too. A page for Prometheus is
  // there from the start.
  MetricCollection(MetricPool& pool, const RuntimeDirectory& directory,
                   const configure::Settings& own_settings, OwnSnapshot own, Log& log);

  // A host that is read from now on: exporters learn what was told of it before.
  void begin(const Host& host);

  // Gives snapshots to exporters that want them. Cheap when none does; to be called every few milliseconds.
  void round(const Hosts& hosts);

  // The host has ended, and everything in its segment has been read. Nothing is told after finish().
  void end(Host& host);

  // Brokers are asked nothing more. False: some have not answered yet, and the destructor would wait for
  // them.
  void stop_asking() { lag_watch_.stop(); }
  bool has_stopped_asking() const { return lag_watch_.has_ended(); }

  // What has been counted until now is sent; false: not by the deadline.
  bool flush(const Hosts& hosts, std::chrono::steady_clock::time_point deadline);

  // The last word of all hosts before this process ends; exporters get until the deadline.
  void finish(const Hosts& hosts, std::chrono::steady_clock::time_point deadline);

 private:
  // For each exporter that wants them, or for all.
  using Wanted = std::map<exporters::MetricExporter*, exporters::MetricSnapshots>;
  enum class Which : std::uint8_t { kThoseThatWant, kAll };
  void look_at_partitions(const Hosts& hosts);
  Wanted gather(const Hosts& hosts, Which which);
  void keep_memories(const Hosts& hosts);
  void keep_memory(const Host& host);

  MetricPool& pool_;
  const RuntimeDirectory& directory_;
  const configure::Settings own_settings_;
  const OwnSnapshot own_;
  LagWatch lag_watch_;
  std::chrono::steady_clock::time_point next_look_;  // at partitions
  std::shared_ptr<MetricExporterSet> page_;          // for Prometheus
  std::map<std::string, std::string> kept_;          // by segment: as it stands in the file beside it
  std::map<const exporters::MetricExporter*, std::uint64_t>
      exported_;  // points, when memories were kept last
  bool finished_ = false;
};

}  // namespace waybill::collect
