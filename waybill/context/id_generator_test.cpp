#include "waybill/context/id_generator.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <type_traits>

namespace waybill::context {
namespace {

// A thread-local one needs neither a constructor nor a destructor to run: that would pull in a runtime
// library.
static_assert(std::is_trivially_destructible_v<IdGenerator>);
static_assert(std::is_trivially_copyable_v<IdGenerator>);
thread_local constinit IdGenerator thread_generator;

IdGenerator seeded(std::uint64_t first, std::uint64_t second) {
  IdGenerator generator;
  generator.seed(first, second);
  return generator;
}

TEST(IdGeneratorTest, IsNotSeededUntilItIs) {
  EXPECT_FALSE(thread_generator.seeded());
  thread_generator.seed(1, 2);
  EXPECT_TRUE(thread_generator.seeded());
}

TEST(IdGeneratorTest, IsSeededByAnySeed) {
  for (const std::uint64_t first : {0ULL, 1ULL, ~0ULL}) {
    for (const std::uint64_t second : {0ULL, 1ULL, ~0ULL}) EXPECT_TRUE(seeded(first, second).seeded());
  }
}

TEST(IdGeneratorTest, GivesTheSameIdsForTheSameSeed) {
  IdGenerator one = seeded(5, 6);
  IdGenerator other = seeded(5, 6);
  for (int round = 0; round < 100; ++round) {
    EXPECT_EQ(one.next_trace_id(), other.next_trace_id());
    EXPECT_EQ(one.next_span_id(), other.next_span_id());
  }
}

TEST(IdGeneratorTest, GivesOtherIdsWhenEitherHalfOfTheSeedDiffers) {
  const TraceId id = seeded(5, 6).next_trace_id();
  EXPECT_NE(id, seeded(6, 6).next_trace_id());
  EXPECT_NE(id, seeded(5, 7).next_trace_id());
}

TEST(IdGeneratorTest, NeverRepeatsAnIdNorGivesZero) {
  IdGenerator generator = seeded(0, 0);
  std::set<std::array<std::uint8_t, 16>> traces;
  std::set<std::array<std::uint8_t, 8>> spans;
  constexpr int kIds = 50'000;
  for (int round = 0; round < kIds; ++round) {
    const TraceId trace = generator.next_trace_id();
    const SpanId span = generator.next_span_id();
    ASSERT_TRUE(trace.valid());
    ASSERT_TRUE(span.valid());
    traces.insert(trace.bytes);
    spans.insert(span.bytes);
  }
  EXPECT_EQ(traces.size(), kIds);
  EXPECT_EQ(spans.size(), kIds);
}

TEST(IdGeneratorTest, SetsEveryBitHalfOfTheTime) {
  IdGenerator generator = seeded(7, 8);
  constexpr int kIds = 20'000;
  std::array<int, 128> ones{};
  for (int round = 0; round < kIds; ++round) {
    const TraceId id = generator.next_trace_id();
    for (std::size_t bit = 0; bit < ones.size(); ++bit) ones[bit] += (id.bytes[bit / 8] >> (bit % 8)) & 1;
  }
  // Five standard deviations of a fair coin.
  for (const int count : ones) EXPECT_NEAR(count, kIds / 2, 354);
}

}  // namespace
}  // namespace waybill::context
