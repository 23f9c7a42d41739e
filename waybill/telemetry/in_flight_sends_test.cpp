#include "waybill/telemetry/in_flight_sends.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace waybill::telemetry {
namespace {

class InFlightSendsTest : public ::testing::Test {
 protected:
  void start(std::uint64_t time_ns, Place place, std::uint32_t client = 1) {
    segment::SendStarted record{};
    record.message = 8;
    record.start_ns = time_ns;
    record.client = client;
    sends_.start(record, place);
  }
  std::optional<Place> end(std::uint64_t time_ns) {
    segment::SendEnded record{};
    record.message = 8;
    record.end_ns = time_ns;
    record.client = 1;
    return sends_.end(record);
  }

  std::vector<Place> lost_;
  InFlightSends sends_{lost_};
};

TEST_F(InFlightSendsTest, PairsTheUsesOfOneAddressInWhicheverOrderTheirStartsAreRead) {
  constexpr Place kUses = 200'000;
  std::vector<Place> order;
  for (Place use = 1; use <= kUses; ++use) order.push_back(use);
  std::reverse(order.begin(), order.begin() + kUses / 2);
  std::mt19937_64 random{1};
  std::shuffle(order.begin() + kUses / 2, order.end(), random);
  for (const Place use : order) start(use * 10, use);
  for (Place use = 1; use <= kUses; ++use) ASSERT_EQ(end(use * 10 + 5), use);
  EXPECT_EQ(sends_.size(), 0U);
  EXPECT_TRUE(lost_.empty());
}

TEST_F(InFlightSendsTest, IsNotSearchedForEndsThatPrecedeEveryStart) {
  constexpr Place kUses = 200'000;
  for (Place use = 1; use <= kUses; ++use) start(1'000'000 + use, use);
  for (Place use = 1; use <= kUses; ++use) ASSERT_EQ(end(use), std::nullopt);
  EXPECT_EQ(sends_.size(), kUses);
}

TEST_F(InFlightSendsTest, ForgetsStartsWhoseEndsAreMissing) {
  for (Place use = 1; use <= 4; ++use) start(use * 10, use);
  EXPECT_EQ(end(35), 3U);
  EXPECT_EQ(lost_, (std::vector<Place>{1, 2}));
  EXPECT_EQ(sends_.size(), 1U);
  EXPECT_EQ(end(45), 4U);
}

TEST_F(InFlightSendsTest, TakesTheSendsOfOneClientOutOfAListOfSeveral) {
  for (Place use = 1; use <= 6; ++use) start(use * 10, use, use % 2 == 0 ? 1 : 2);
  std::vector<Place> taken;
  sends_.take_if([&](std::uint32_t client, Place place) {
    if (client == 2) taken.push_back(place);
    return client == 2;
  });
  std::sort(taken.begin(), taken.end());
  EXPECT_EQ(taken, (std::vector<Place>{1, 3, 5}));
  EXPECT_EQ(sends_.size(), 3U);
  start(70, 7);
  EXPECT_EQ(end(25), 2U);
  EXPECT_EQ(end(45), 4U);
  EXPECT_EQ(end(65), 6U);
  EXPECT_EQ(end(75), 7U);
  EXPECT_EQ(sends_.size(), 0U);
}

}  // namespace
}  // namespace waybill::telemetry
