#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <optional>

#include "waybill/telemetry/assembler_counts.h"
#include "waybill/telemetry/in_flight_sends.h"
#include "waybill/telemetry/known_host.h"
#include "waybill/telemetry/offset_trust.h"
#include "waybill/telemetry/span_batches.h"

namespace waybill::telemetry {

// Joins SendStarted and SendEnded records into send spans. Owned by one thread.
class SendAssembler {
 public:
  // `host` outlives it.
  explicit SendAssembler(KnownHost& host) : host_{host} {}

  // Take a record that is kept at `place`; return the time that it tells. Nothing: it contradicts itself, and
  // was not taken.
  std::optional<std::uint64_t> start(const segment::RecordView& view, Place place);
  std::optional<std::uint64_t> end(const segment::RecordView& view, Place place);

  // Spans of at most `most` ends until then; every record of that time has been given.
  void finish_until(std::uint64_t until_ns, std::size_t most, SpanBatches& finished);
  // Whether that left some for the next time.
  bool has_more(std::uint64_t until_ns) const { return sends_.has_ends(until_ns); }

  // What is in flight of clients that were closed, by client with the time, will have no answer. One walk,
  // however many were closed.
  using ClosedClients = absl::flat_hash_map<std::uint32_t, std::uint64_t>;
  void finish_closed(const ClosedClients& closed, SpanBatches& finished);
  // The host is gone, and was last heard of then. So many at most; true when none is left.
  bool finish_all(std::uint64_t last_sign_ns, std::size_t most, SpanBatches& finished);

  // Forgets the older half of the sends that have not ended: they keep all the room that there is.
  void give_up_older_half();

  // How many ends of sends the host had no room for. While some of them are not accounted for, a send without
  // an end may have been answered: its span then says that it is unfinished, and claims no failure.
  void host_dropped_ends(std::uint64_t count) { dropped_ends_ = count; }

  AssemblerCounts counts() const;
  // Sends whose end has not been read: at least so many.
  std::size_t unanswered() const { return sends_.unanswered(); }

 private:
  void settle(const InFlightSends::Matches& matches);
  void finish_answered(InFlightSends::Pair pair, SpanBatches& finished);
  void finish_unanswered(Place start_place, std::uint64_t end_ns, ShapeKey::Failed reason,
                         SpanBatches& finished);
  void leave_out(Place start, Place end = kNoPlace);
  void finish(const SendOperation& operation, const SpanShape& shape, SpanBatches& finished);
  SendOperation operation_of(Place place, const segment::SendStarted& start);
  bool knows_offset(const segment::SendStarted& start, const segment::SendEnded& end);
  const SpanShape& shape_for(const ShapeKey& key);
  Failure failure_of(const ShapeKey& key);

  KnownHost& host_;
  InFlightSends sends_;
  OffsetTrust offset_trust_;
  AssemblerCounts counts_;
  std::uint64_t dropped_ends_ = 0;
};

}  // namespace waybill::telemetry
