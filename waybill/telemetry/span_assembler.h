#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/container/inlined_vector.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "waybill/segment/reader.h"
#include "waybill/telemetry/definitions.h"
#include "waybill/telemetry/in_flight_sends.h"
#include "waybill/telemetry/offset_trust.h"
#include "waybill/telemetry/operation.h"
#include "waybill/telemetry/record_store.h"
#include "waybill/telemetry/semantic_conventions.h"
#include "waybill/telemetry/shape_cache.h"
#include "waybill/telemetry/span_batches.h"

namespace waybill::telemetry {

// Two clocks of a host, read at the same moment.
struct ClockAnchor {
  std::uint64_t monotonic_ns = 0;
  std::uint64_t realtime_ns = 0;

  std::uint64_t to_unix_ns(std::uint64_t monotonic) const { return realtime_ns + (monotonic - monotonic_ns); }
};

// What was read since the last end_round(), and how much may come of it.
struct Round {
  bool complete = true;               // every chunk has had its turn
  std::size_t most_spans = SIZE_MAX;  // about so many; the rest waits for the next round
};

// The books of one host: started == finished + lost_ends + given_up + in_flight.
struct AssemblerCounts {
  std::uint64_t started = 0;    // send, receive and process operations whose start was read
  std::uint64_t finished = 0;   // spans handed out
  std::uint64_t lost_ends = 0;  // the host had no room for the end record: no span
  std::uint64_t given_up = 0;   // there was no room to keep their starts any longer
  std::uint64_t in_flight = 0;
  std::uint64_t malformed = 0;  // records that contradict themselves; in no other number
};

// Joins the records of one host into spans. Chunks are read one after the other, so an end may come before
// its start: what has no partner yet waits for one more round. Records stay in their store until the span
// that they tell has been exported. Owned by one thread.
//
//   reader.drain(spool, problem, [&](const RecordView& record) { assembler.add(record,
//   spool.take(record.bytes)); }); assembler.end_round(batches);
class SpanAssembler {
 public:
  // `definitions` and `records` outlive the assembler.
  SpanAssembler(Definitions& definitions, RecordStore& records, ClockAnchor clock, SpanLimits limits);

  // Takes a record that is kept at `place`. It is settled here if no span can come of it.
  void add(const segment::RecordView& record, Place place);
  void end_round(SpanBatches& finished, Round round = {});

  // Forgets the older half of the sends that have not ended: they keep all the room that there is.
  void give_up_oldest_sends();

  // How many ends of sends the host had no room for. While some of them are not accounted for, a send without
  // an end may have been answered: its span then says that it is unfinished, and claims no failure.
  void host_dropped_ends(std::uint64_t count) { dropped_ends_ = count; }

  // The host is gone: what it has not ended becomes a span that says so and ends with the last sign of life.
  void end_host(SpanBatches& finished);

  AssemblerCounts counts() const;

 private:
  struct PendingEnd {
    std::uint64_t end_ns;
    std::uint64_t message;
    Place place;
  };
  struct Pair {
    Place start;
    Place end;
  };
  struct PendingConsume {
    Place start = kNoPlace;
    Place end = kNoPlace;
    std::uint32_t message_count = 0;  // as the end says
    std::uint32_t messages_dropped = 0;
    bool waited = false;  // a round has passed since the end was read
    std::uint64_t last_sign_ns = 0;
    absl::InlinedVector<Place, 1> messages;
  };
  struct ClosedClient {
    std::uint64_t time_ns;
    std::uint32_t client;
    Place place;
  };
  struct Cluster {
    std::string id;
    Place place = kNoPlace;  // of the record that told it
  };

  bool accept(const segment::RecordView& view, Place place);
  bool accept_send_start(const segment::RecordView& view, Place place);
  bool accept_consume_start(const segment::RecordView& view, Place place);
  bool accept_message(const segment::RecordView& view, Place place);
  bool accept_consume_end(const segment::RecordView& view, Place place);
  bool accept_cluster(const segment::RecordView& view, Place place);

  template <typename Record>
  Record copy(Place place) const;
  void sort_ends();
  void pair_sends(SpanBatches& finished, std::size_t most);
  bool pairs_are_left() const { return !ends_.empty() && ends_.front().end_ns <= complete_until_ns_; }
  void settle_lost();
  void finish_consumes(SpanBatches& finished, Round round);
  void forget_consumes_without_start();
  void forget(const PendingConsume& consume);
  void close_clients(SpanBatches& finished);
  void finish_sends_of_closed(SpanBatches& finished);
  void finish(SpanBatches& finished, Span span);
  Span finish_send(Place start_place, const segment::SendEnded& end);
  Span finish_unanswered(Place start_place, std::uint64_t end_ns, ShapeKey::Failed reason);
  SendOperation send_operation(Place place, const segment::SendStarted& start) const;
  void finish_consume(SpanBatches& finished, PendingConsume& consume, std::uint64_t end_ns, bool unfinished);
  MessageView message_view(Place place);
  const SpanShape& send_shape_for(const ShapeKey& key);
  ClientView client_view(std::uint32_t profile, std::uint32_t client);
  Failure failure_of(const ShapeKey& key);
  void saw(std::uint64_t time_ns) { last_sign_ns_ = time_ns > last_sign_ns_ ? time_ns : last_sign_ns_; }

  Definitions& definitions_;
  RecordStore& records_;
  ClockAnchor clock_;
  SpanLimits limits_;
  AssemblerCounts counts_;
  std::uint64_t dropped_ends_ = 0;
  std::uint64_t last_sign_ns_ = 0;       // the latest time in any record so far
  std::uint64_t seen_until_ns_ = 0;      // … when the last round ended
  std::uint64_t complete_until_ns_ = 0;  // … when the round before it ended

  std::vector<Place> lost_;
  InFlightSends sends_{lost_};
  std::vector<PendingEnd> ends_;   // that are not complete yet
  std::vector<std::size_t> runs_;  // where in ends_ a run begins that is in the order of time
  std::vector<Pair> pairs_;        // of this round
  absl::flat_hash_map<std::uint64_t, PendingConsume> consumes_;
  std::vector<std::uint64_t> ended_consumes_;
  std::uint64_t started_consumes_ = 0;
  std::uint64_t last_sweep_ns_ = 0;
  std::vector<MessageView> message_views_;
  std::vector<ClosedClient> closed_;
  absl::flat_hash_map<std::uint32_t, std::uint64_t> closed_at_;  // of this round: when, by client
  OffsetTrust offset_trust_;
  absl::flat_hash_map<std::uint32_t, std::unique_ptr<ClientProfile>> profiles_;
  absl::flat_hash_map<std::uint32_t, Cluster> clusters_;
  ShapeCache shapes_;
};

}  // namespace waybill::telemetry
