#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "waybill/collect/adaptive_ratio.h"
#include "waybill/collect/exporter_pool.h"
#include "waybill/collect/host_metrics.h"
#include "waybill/collect/lag_watch.h"
#include "waybill/collect/metric_pool.h"
#include "waybill/collect/segment_definitions.h"
#include "waybill/collect/spool.h"
#include "waybill/configure/setting_sources.h"
#include "waybill/segment/reader.h"
#include "waybill/telemetry/span_assembler.h"

namespace waybill::collect {

// What became of one host's operations. started == handed_on + the four drops + not_kept + in_flight.
struct HostBooks {
  std::string program;
  std::int32_t pid = 0;
  std::uint64_t started = 0;           // the starts that were read, and those for which the host had no room
  std::uint64_t handed_on = 0;         // spans given to the exporters, whose own books go on from here
  std::uint64_t dropped_no_room = 0;   // the segment was full when the operation began
  std::uint64_t dropped_lost_end = 0;  // … when it ended
  std::uint64_t dropped_spool_full = 0;      // the spool was full of sends that did not end
  std::uint64_t dropped_no_destination = 0;  // its user's hosts have too many destinations already
  std::uint64_t not_kept = 0;                // not sampled, and no reason to be kept (WAYBILL_KEEP)
  std::uint64_t in_flight = 0;
  std::uint64_t log_records_no_destination = 0;  // dropped, because its user's hosts have too many already
  std::uint64_t injections_skipped =
      0;  // messages without a context, because they were too close to message.max.bytes
  std::uint64_t contexts_malformed = 0;
  std::uint64_t clients_not_observed = 0;
  std::uint64_t definitions_dropped = 0;  // names without room in the segment: spans lack that attribute
};

// Where a host's telemetry may go.
struct Pools {
  ExporterPool& spans;
  MetricPool& metrics;
  ExporterPool& logs;
};

// One segment that is being read, with the settings of its host. Owned by the collector's thread.
class Host {
 public:
  // `reader` was opened; `spool` may hold what an earlier collecting process left of this host. `defaults`
  // are the collecting side's own variables, under those of the host, which is the user `owner`'s; `tuned` is
  // what was changed of them since the host began.
  Host(std::string name, uid_t owner, segment::Reader reader, std::unique_ptr<Spool> spool,
       const configure::Environment& defaults, const Pools& pools, Log& log,
       const configure::Environment& tuned = {});

  // What was changed of its settings while it runs, and the settings as they count.
  const configure::Environment& tuned() const { return sources_.tuned; }
  configure::CombinedSettings settings_now() const { return configure::combine(sources_); }

  // Changes its settings: `tuned` takes the place of what was tuned before. Returns what is wrong with it
  // that was not wrong before; then nothing changes.
  std::vector<configure::Problem> tune(const configure::Environment& tuned);

  // The spans that were made since it was last adapted: what the collecting process worked for it.
  std::uint64_t spans_to_adapt_to() const;
  // Has the sampler `adaptive` keep more or fewer traces, after the cost since the last call;
  // `collecting_ns`: its share of the collecting process's time.
  void adapt(double collecting_ns);

  // Whether the process that made the segment has this number there.
  bool is_process(std::int32_t pid, std::uint64_t pid_namespace) const;

  // Reads what was committed since the last round, up to a bound that leaves time for other hosts, and hands
  // finished spans on, as many as the exporters can take. Returns how many bytes it read.
  std::size_t round();

  // When the next round should be: soon while there is something to read, later when there was nothing, but
  // before a host at full speed could fill its segment.
  std::uint64_t next_round_ns() const { return next_round_ns_; }

  // False when the process that made the segment is no more, or has become another program (exec).
  bool alive() const;

  // A round of a dead host: when nothing is left to read, what it has not ended becomes spans that say so.
  // True when nothing is left. With `drop_what_has_no_room` spans are handed on though the exporters cannot
  // take them, and are counted as dropped there.
  bool end_round(bool drop_what_has_no_room = false);

  // Whether something was recorded, and has ended, that is not handed on yet.
  bool has_more() { return reader_.unread_bytes() != 0 || spool_is_full_ || assembler_.has_ends(); }

  // Whether the exporters are done with everything that was handed on.
  bool nothing_away();

  // Forgets what has been exported by now.
  void settle_returned();

  // From here on nothing counts as exported: what the exporters still hold stays in the spool, for the next
  // collecting process. False: there will be none that could find it.
  bool leave() { return left_ = spool_->in_file(); }
  bool left() const { return left_; }

  void beat(std::uint64_t now_ns) { reader_.beat(now_ns); }
  HostBooks books() const;

  // What it has counted up to now, and how far its consumers are behind. `last`: it has ended.
  std::shared_ptr<const telemetry::MetricSnapshot> metrics(bool last,
                                                           std::span<const lag::LagPoint> lags = {});
  // Where those of its consumers stand that belong to a group.
  std::vector<WatchedPartition> watched_partitions();
  // Null: nowhere to send to.
  const MetricExporterSet* metric_exporters() const { return metric_exporters_.get(); }
  const std::string& name() const { return name_; }
  uid_t owner() const { return owner_; }
  std::string program() const { return reader_.host().program; }
  std::uint64_t segment_size() const { return reader_.host().segment_size; }

 private:
  // Batches that the last exporter has let go of. Shared with them, because they may outlive the host.
  class Returns;

  void publish();
  std::uint64_t program_ns() const;
  void replay();
  std::size_t drain();
  std::size_t most_spans(std::size_t read) const;
  void trim_if_idle(std::size_t read);
  void plan_next_round(std::size_t read);
  std::size_t room_of_exporters() const;
  bool stuck() const;
  void relieve_spool();
  std::shared_ptr<const telemetry::SpanBatch> lent(std::shared_ptr<const telemetry::SpanBatch> batch,
                                                   std::size_t exporter);
  void hand_on();
  void hand_on_failures(const telemetry::SpanBatch& batch);

  std::string name_;
  uid_t owner_;
  segment::Reader reader_;
  std::unique_ptr<Spool> spool_;
  SegmentDefinitions definitions_;
  configure::SettingSources sources_;
  configure::Resolved resolved_;
  std::shared_ptr<const telemetry::Resource> resource_;
  telemetry::SpanAssembler assembler_;
  telemetry::SpanBatches batches_;
  std::shared_ptr<ExporterSet> exporters_;               // shared with other hosts; null: nowhere to send to
  std::shared_ptr<MetricExporterSet> metric_exporters_;  // shared with other hosts
  std::shared_ptr<ExporterSet> log_exporters_;           // shared with other hosts; null: nowhere to send to
  std::size_t most_logs_at_once_ = 1;                    // in one export
  HostMetrics metrics_;
  bool keeps_exemplars_ = false;
  AdaptiveRatio adaptive_;
  // As they stood when it was last adapted; no time: it was not.
  struct Meters {
    std::uint64_t hooks_ns = 0;
    std::uint64_t program_ns = 0;
    std::uint64_t spans = 0;
  };
  Meters meters_;
  // How many batches each of them holds; shared with the batches, which may outlive the host.
  std::vector<std::shared_ptr<std::atomic<std::size_t>>> held_;
  Log& log_;
  std::shared_ptr<Returns> returns_;
  std::uint64_t without_destination_ = 0;  // spans
  std::uint64_t logs_without_destination_ = 0;
  std::size_t away_ = 0;        // batches that the exporters hold
  bool spool_is_full_ = false;  // the last drain stopped for that
  bool left_ = false;
  std::uint64_t pause_ns_ = 5'000'000;
  std::uint64_t last_read_ns_ = 0;
  std::uint64_t next_round_ns_ = 0;
};

}  // namespace waybill::collect
