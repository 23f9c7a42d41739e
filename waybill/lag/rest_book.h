#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "waybill/lag/topic_partition.h"

namespace waybill::lag {

// What lies before a group: everything from `from` on, as seen with one isolation level.
struct Rest {
  TopicPartition at;
  std::int64_t from = 0;
  bool read_committed = true;
  friend auto operator<=>(const Rest&, const Rest&) = default;
};

// A piece of a log to look at: from `from` up to `until`, but no more than so many records and bytes.
struct ReadRequest {
  TopicPartition at;
  std::int64_t from = 0;
  std::int64_t until = 0;
  std::uint64_t most_records = 0;
  std::uint64_t most_bytes = 0;
};

// What was seen there. All before `reached` is known; that is `from` when nothing could be read.
struct ReadResult {
  std::int64_t reached = 0;
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
  std::int64_t oldest_ms = -1;  // timestamp of the first message; -1: none was seen, or it has none
};

// How many messages lie before a group. The distance of two offsets does not say it: transaction markers and
// aborted or compacted records have offsets too. So the rest is looked at, within bounds, and what was seen
// is kept for as long as the group stays where it is. Knows no librdkafka. Owned by one thread.
class RestBook {
 public:
  using Clock = std::chrono::steady_clock;

  struct Limits {
    // Of one look at a group that moves: that much comes in one answer of the broker anyway.
    std::uint64_t moving_records = 1'000;
    std::uint64_t moving_bytes = std::uint64_t{64} << 10U;
    // Of everything that is read for a group that rests, until it is counted anew.
    std::uint64_t resting_records = 20'000;
    std::uint64_t resting_bytes = std::uint64_t{4} << 20U;
    // Compaction takes records away from what was counted: it is counted anew now and then.
    std::chrono::seconds count_again{600};
  };

  struct Counted {
    std::uint64_t messages = 0;
    std::uint64_t uncounted = 0;  // offsets of `messages` that nobody has looked at
    std::int64_t oldest_ms = -1;
  };

  explicit RestBook(Limits limits) : limits_{limits} {}

  // Once for each rest and round. The answer is what should be read to know all up to `log_end`, if it may
  // be.
  std::optional<ReadRequest> plan(const Rest& rest, std::int64_t log_end, Clock::time_point now);

  void add(const Rest& rest, const ReadRequest& request, const ReadResult& result);

  // What is known of a rest that was planned in this round.
  Counted count(const Rest& rest, std::int64_t log_end) const;

  // Forgets the rests that were not planned since the last call.
  void end_round();

  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::int64_t reached = 0;
    std::uint64_t messages = 0;
    std::int64_t oldest_ms = -1;
    std::uint64_t records_left = 0;
    std::uint64_t bytes_left = 0;
    Clock::time_point since;
    bool planned = false;
    bool rests = false;  // was planned in the round before, too
  };

  Limits limits_;
  std::map<Rest, Entry> entries_;
};

}  // namespace waybill::lag
