#pragma once

#include <memory>
#include <string>
#include <vector>

#include "waybill/collect/exporter_pool.h"
#include "waybill/collect/segment_definitions.h"
#include "waybill/collect/spool.h"
#include "waybill/configure/resolve.h"
#include "waybill/segment/reader.h"
#include "waybill/telemetry/span_assembler.h"

namespace waybill::collect {

// What became of one host's operations. started == handed_on + dropped + in_flight.
struct HostBooks {
  std::string program;
  std::int32_t pid = 0;
  std::uint64_t started = 0;           // the starts that were read, and those for which the host had no room
  std::uint64_t handed_on = 0;         // spans given to the exporters, whose own books go on from here
  std::uint64_t dropped_no_room = 0;   // the segment was full when the operation began
  std::uint64_t dropped_lost_end = 0;  // … when it ended
  std::uint64_t in_flight = 0;
  std::uint64_t injections_skipped =
      0;  // messages without a context, because they were too close to message.max.bytes
  std::uint64_t contexts_malformed = 0;
  std::uint64_t clients_not_observed = 0;
};

// One segment that is being read, with the settings of its host. Owned by the collector's thread.
class Host {
 public:
  // `reader` was opened; `spool` may hold what an earlier collecting process left of this host. `defaults`
  // are the collecting side's own variables, under those of the host.
  Host(std::string name, segment::Reader reader, std::unique_ptr<Spool> spool,
       const configure::Environment& defaults, ExporterPool& pool, Log& log);

  // Reads what was committed since the last round and hands finished spans on. Returns how many bytes it
  // read.
  std::size_t round();

  // False when the process that made the segment is no more, or has become another program (exec).
  bool alive() const;

  // A round of a dead host: when nothing is left to read, what it has not ended becomes spans that say so.
  // True when all its spans have left the exporters, so that its files can go.
  bool end_round();

  // Forgets what has been exported by now.
  void settle_returned();

  // From here on nothing counts as exported: what the exporters still hold stays in the spool, for the next
  // collecting process.
  void leave() { left_ = true; }

  void beat(std::uint64_t now_ns) { reader_.beat(now_ns); }
  HostBooks books() const;
  const std::string& name() const { return name_; }

 private:
  // Batches that the last exporter has let go of. Shared with them, because they may outlive the host.
  class Returns;

  void replay();
  std::size_t drain();
  void hand_on();

  std::string name_;
  segment::Reader reader_;
  std::unique_ptr<Spool> spool_;
  SegmentDefinitions definitions_;
  configure::Resolved resolved_;
  std::shared_ptr<const telemetry::Resource> resource_;
  telemetry::SpanAssembler assembler_;
  telemetry::SpanBatches batches_;
  ExporterSet* exporters_ = nullptr;
  Log& log_;
  std::shared_ptr<Returns> returns_;
  std::size_t away_ = 0;  // batches that the exporters hold
  bool left_ = false;
};

}  // namespace waybill::collect
