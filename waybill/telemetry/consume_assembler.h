#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/container/inlined_vector.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "waybill/telemetry/assembler_counts.h"
#include "waybill/telemetry/known_host.h"
#include "waybill/telemetry/span_batches.h"

namespace waybill::telemetry {

// Joins ConsumeStarted, ConsumedMessage, SingleConsumed and ConsumeEnded records into receive and process
// spans. Owned by one thread.
class ConsumeAssembler {
 public:
  // `host` outlives it.
  explicit ConsumeAssembler(KnownHost& host) : host_{host} {}

  // Take a record that is kept at `place`; return the time that it tells. Nothing: it contradicts itself or
  // others, and was not taken.
  std::optional<std::uint64_t> start(const segment::RecordView& view, Place place);
  std::optional<std::uint64_t> message(const segment::RecordView& view, Place place);
  std::optional<std::uint64_t> single(const segment::RecordView& view, Place place);
  std::optional<std::uint64_t> end(const segment::RecordView& view, Place place);

  // Spans of at most `most` operations that have ended. `all_read`: everything that precedes what was given
  // before the last call has been given. `last_sign_ns` is the latest time in any record.
  void finish_ended(bool all_read, std::size_t most, std::uint64_t last_sign_ns, SpanBatches& finished);
  // The host is gone, and was last heard of then.
  void finish_all(std::uint64_t last_sign_ns, SpanBatches& finished);

  // Whether operations that have ended wait for a later round.
  bool has_ended() const { return !ended_.empty(); }

  AssemblerCounts counts() const;

 private:
  struct Operation {
    Place start = kNoPlace;
    Place end = kNoPlace;             // of a single receive operation: the start's
    std::uint64_t end_ns = 0;         // as the end says
    std::uint32_t message_count = 0;  // as the end says
    std::uint32_t messages_dropped = 0;
    bool waited = false;  // a round has passed since the end was read
    bool single = false;  // the start is a SingleConsumed, and stands among the messages too
    std::uint64_t last_sign_ns = 0;
    absl::InlinedVector<Place, 1> messages;

    bool is_single(Place place) const { return single && place == start; }
    // False: it has too many already.
    bool hold_message(Place place);

    void saw(std::uint64_t time_ns) { last_sign_ns = time_ns > last_sign_ns ? time_ns : last_sign_ns; }
    bool has_all_messages() const {
      return messages.size() + messages_dropped >= std::uint64_t{message_count};
    }
  };

  void forget_those_without_start(std::uint64_t last_sign_ns);
  void forget(const Operation& operation);
  void leave_out(const Operation& operation);
  void finish(const Operation& operation, std::uint64_t end_ns, bool unfinished, SpanBatches& finished);
  std::uint32_t error_of(const Operation& operation) const;
  std::string_view description_of(const Operation& operation) const;
  ConsumeOperation view_of(const Operation& operation, const segment::ConsumeStarted& start,
                           std::uint64_t end_ns) const;
  MessageView message_view(const Operation& operation, Place place);
  // What a SingleConsumed says, as the two records say it.
  segment::ConsumeStarted start_of(const Operation& operation) const;
  segment::ConsumedMessage message_of(const Operation& operation, Place place) const;
  std::string_view trace_state_of(const Operation& operation, const segment::ConsumeStarted& start) const;

  KnownHost& host_;
  AssemblerCounts counts_;
  absl::flat_hash_map<std::uint64_t, Operation> operations_;
  std::vector<std::uint64_t> ended_;
  std::uint64_t last_sweep_ns_ = 0;
  std::vector<MessageView> message_views_;
};

}  // namespace waybill::telemetry
