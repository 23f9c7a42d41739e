#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

// What a host counts in its segment, sampled or not. A cell only grows, from the host's first event of its
// kind on: a reader that comes late, or comes again, sees everything.
namespace waybill::segment {

enum class CellKind : std::uint32_t {
  kSend = 1,           // answers to sends: total time, time in the client's queue, time at the broker
  kConsume = 2,        // messages that were handed over: the age of the record
  kPoll = 3,           // poll calls that returned messages: their time
  kProcess = 4,        // processing that ended: its time
  kFailedRequest = 5,  // produce requests without a good answer
  kSettle = 6,         // commits that the application has asked for: their time
};

// What a cell counts. Numbers of definitions; 0: not known.
struct CellKey {
  CellKind kind;
  std::uint32_t profile;
  std::uint32_t topic;  // kOverflow: there was no room for another cell of this kind
  std::uint32_t broker;
  std::uint32_t error;
  std::uint32_t partition_plus_1 = 0;  // 0: not told apart, or of several

  static constexpr std::uint32_t kOverflow = 0xffff'ffff;
  friend constexpr bool operator==(const CellKey&, const CellKey&) = default;
};

// A histogram of times in microseconds.
struct CellHistogram {
  static constexpr std::size_t kBuckets = 18;

  std::uint64_t sum_us;
  std::uint64_t buckets[kBuckets];  // one more than the bounds, of which not all kinds use the same number
};

struct MetricCell {
  std::uint32_t ready;  // kCellReady when the key is complete: stored last, never changed
  CellKey key;
  std::uint64_t count;
  std::uint64_t bytes;  // of values and keys
  CellHistogram histograms[3];
  std::uint64_t unused[1];
};
static_assert(sizeof(MetricCell) == 512);
inline constexpr std::uint32_t kCellReady = 0x57'42'4d'43;

// Upper bounds, inclusive. For durations those of the semantic conventions
// (messaging.client.operation.duration); a record may be much older than that.
inline constexpr std::array<std::uint64_t, 14> kDurationBoundsUs{
    5'000,   10'000,  25'000,    50'000,    75'000,    100'000,   250'000,
    500'000, 750'000, 1'000'000, 2'500'000, 5'000'000, 7'500'000, 10'000'000};
inline constexpr std::array<std::uint64_t, 17> kAgeBoundsUs{
    5'000,     10'000,    25'000,    50'000,    75'000,     100'000,    250'000,    500'000,    750'000,
    1'000'000, 2'500'000, 5'000'000, 7'500'000, 10'000'000, 30'000'000, 60'000'000, 300'000'000};
static_assert(kAgeBoundsUs.size() + 1 == CellHistogram::kBuckets);

// Where a consumer stands in one partition. Written by the thread that polls; each field for itself, so what
// is read together may be of two moments.
struct PartitionCell {
  std::uint32_t ready;  // kCellReady, as above; 0 again: free for another partition
  std::uint32_t client;
  std::uint32_t profile;
  std::uint32_t topic;
  std::int32_t partition;
  std::uint16_t revoked;      // 1: the client has it no more
  std::uint8_t skips;         // 1: offsets were passed over that are no messages for this client
  std::uint8_t is_behind;     // 1: it got messages before the last look, so it may not have got all
  std::int64_t log_end;       // up to where it knows messages; -1: it does not
  std::uint64_t log_end_ns;   // when it was asked for that
  std::int64_t position;      // the offset after the last message that was handed over; -1: none yet
  std::uint64_t position_ns;  // when that was known to be the position
  std::int64_t empty_until;   // from the position up to here polls found no message; -1: not known
};
static_assert(sizeof(PartitionCell) == 64);

}  // namespace waybill::segment
