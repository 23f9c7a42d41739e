#include "waybill/telemetry/in_flight_sends.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace waybill::telemetry {
namespace {

constexpr std::uint32_t kMany =
    1'000'000;  // a program that waits for each answer uses one address again and again

class InFlightSendsTest : public ::testing::Test {
 protected:
  void start(std::uint32_t number) {
    segment::SendStarted record{};
    record.message = 4096;
    record.start_ns = 2 * std::uint64_t{number} + 1;
    sends_.start(record, Place{number});
  }
  std::optional<Place> end(std::uint32_t number) {
    segment::SendEnded record{};
    record.message = 4096;
    record.end_ns = 2 * std::uint64_t{number} + 2;
    return sends_.end(record);
  }
  void expect_pairs() {
    for (std::uint32_t number = 0; number < kMany; ++number) ASSERT_EQ(end(number), Place{number});
    EXPECT_EQ(sends_.size(), 0U);
    EXPECT_TRUE(lost_.empty());
  }

  std::vector<Place> lost_;
  InFlightSends sends_{lost_};
};

// Without an end in sight these two would run for hours if each record cost a walk along all others.
TEST_F(InFlightSendsTest, PairsALongBacklogOfOneAddress) {
  for (std::uint32_t number = 0; number < kMany; ++number) start(number);
  expect_pairs();
}

TEST_F(InFlightSendsTest, PairsALongBacklogOfOneAddressWhoseChunksAreReadInTheWrongOrder) {
  constexpr std::uint32_t kChunk = kMany / 50;
  for (std::uint32_t chunk = 50; chunk-- > 0;) {
    for (std::uint32_t number = 0; number < kChunk; ++number) start(chunk * kChunk + number);
  }
  expect_pairs();
}

TEST_F(InFlightSendsTest, LosesTheStartsBeforeTheOneThatAnEndBelongsTo) {
  for (const std::uint32_t number : {2, 0, 1, 3}) start(number);
  EXPECT_EQ(end(2), Place{2});
  EXPECT_EQ(lost_, (std::vector<Place>{Place{0}, Place{1}}));
  EXPECT_EQ(end(3), Place{3});
  EXPECT_EQ(sends_.size(), 0U);
}

}  // namespace
}  // namespace waybill::telemetry
