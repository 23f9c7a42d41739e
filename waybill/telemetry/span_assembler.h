#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "waybill/telemetry/assembler_counts.h"
#include "waybill/telemetry/consume_assembler.h"
#include "waybill/telemetry/known_host.h"
#include "waybill/telemetry/send_assembler.h"
#include "waybill/telemetry/span_batches.h"
#include "waybill/telemetry/whole_assembler.h"

namespace waybill::telemetry {

// What was read since the last end_round(), and how much may come of it.
struct Round {
  bool complete = true;               // every chunk has had its turn
  std::size_t most_spans = SIZE_MAX;  // about so many; the rest waits for the next round
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

  // From here on: which spans are handed out though they were not sampled.
  void keep(const KeptSpans& kept) { host_.kept() = kept; }

  // Forgets the older half of the sends that have not ended: they keep all the room that there is.
  void give_up_oldest_sends() { sends_.give_up_older_half(); }

  // See SendAssembler.
  void host_dropped_ends(std::uint64_t count) { sends_.host_dropped_ends(count); }

  // The host is gone: what it has not ended becomes a span that says so and ends with the last sign of life,
  // of so many sends at most. True when nothing is left.
  bool end_host(SpanBatches& finished, std::size_t most_sends = SIZE_MAX);

  // Until when everything has been read: what happened before that is paired. Another assembler of the same
  // records begins there.
  std::uint64_t complete_until_ns() const { return complete_until_ns_; }
  void begin_from(std::uint64_t complete_until_ns) {
    seen_until_ns_ = complete_until_ns_ = complete_until_ns;
  }

  // Whether ends wait for a later round.
  bool has_ends() const { return sends_.has_more(UINT64_MAX) || consumes_.has_ended() || wholes_.has_more(); }

  AssemblerCounts counts() const;
  // Sends whose end has not been read: at least so many.
  std::size_t unanswered_sends() const { return sends_.unanswered(); }

 private:
  struct ClosedClient {
    std::uint64_t time_ns;
    std::uint32_t client;
    Place place;
  };

  std::optional<std::uint64_t> accept(const segment::RecordView& view, Place place);
  std::optional<std::uint64_t> accept_closed(const segment::RecordView& view, Place place);
  std::optional<std::uint64_t> accept_cluster(const segment::RecordView& view, Place place);
  void close_clients(SpanBatches& finished);

  KnownHost host_;
  SendAssembler sends_{host_};
  ConsumeAssembler consumes_{host_};
  WholeAssembler wholes_{host_};
  std::vector<ClosedClient> closed_;
  std::uint64_t malformed_ = 0;
  std::uint64_t last_sign_ns_ = 0;       // the latest time in any record so far
  std::uint64_t seen_until_ns_ = 0;      // … when the last round ended
  std::uint64_t complete_until_ns_ = 0;  // … when the round before it ended
};

}  // namespace waybill::telemetry
