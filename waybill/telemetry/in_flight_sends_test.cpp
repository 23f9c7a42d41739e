#include "waybill/telemetry/in_flight_sends.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace waybill::telemetry {
namespace {

class InFlightSendsTest : public ::testing::Test {
 protected:
  void start(std::uint64_t time_ns, Place place, std::uint32_t client = 1, std::uint64_t message = 8) {
    segment::SendStarted record{};
    record.message = message;
    record.start_ns = time_ns;
    record.client = client;
    sends_.start(record, place);
  }
  // The place of an end is that of the start that it belongs to, and 1,000,000.
  void end(std::uint64_t time_ns, Place place, std::uint64_t message = 8) {
    segment::SendEnded record{};
    record.message = message;
    record.end_ns = time_ns;
    record.client = 1;
    sends_.end(record, kEnds + place);
  }
  // The starts of all pairs until then; that each has its own end is checked.
  std::vector<Place> paired(std::uint64_t until_ns, std::size_t most = SIZE_MAX) {
    std::vector<Place> starts;
    const InFlightSends::Matches& matches = sends_.match(until_ns, most);
    for (const auto& pair : matches.pairs) {
      EXPECT_EQ(pair.end, kEnds + pair.start);
      starts.push_back(pair.start);
    }
    lost_.insert(lost_.end(), matches.lost.begin(), matches.lost.end());
    strays_ += matches.strays.size();
    return starts;
  }

  static constexpr Place kEnds = 1'000'000;
  std::vector<Place> lost_;
  std::size_t strays_ = 0;
  InFlightSends sends_;
};

TEST_F(InFlightSendsTest, PairsTheUsesOfOneAddressInWhicheverOrderTheyAreRead) {
  constexpr Place kUses = 200'000;
  std::vector<Place> order;
  for (Place use = 1; use <= kUses; ++use) order.push_back(use);
  std::reverse(order.begin(), order.begin() + kUses / 2);
  std::mt19937_64 random{1};
  std::shuffle(order.begin() + kUses / 2, order.end(), random);
  for (const Place use : order) start(use * 10, use);
  std::shuffle(order.begin(), order.end(), random);
  for (const Place use : order) end(use * 10 + 5, use);
  EXPECT_EQ(paired(kUses * 5).size(), kUses / 2 - 1);
  EXPECT_EQ(paired(SIZE_MAX).size(), kUses / 2 + 1);
  EXPECT_EQ(sends_.size(), 0U);
  EXPECT_TRUE(lost_.empty());
  EXPECT_EQ(strays_, 0U);
}

TEST_F(InFlightSendsTest, MatchesNoMoreEndsThanAskedForAndLeavesTheOthersForTheNextTime) {
  for (Place use = 1; use <= 5; ++use) {
    start(use * 10, use);
    end(use * 10 + 5, use);
  }
  EXPECT_EQ(paired(45, 2), (std::vector<Place>{1, 2}));
  EXPECT_TRUE(sends_.has_ends(45));
  EXPECT_EQ(sends_.size(), 3U);
  EXPECT_EQ(paired(45, 2), (std::vector<Place>{3, 4}));
  EXPECT_FALSE(sends_.has_ends(45));
  EXPECT_EQ(paired(55, 2), (std::vector<Place>{5}));
}

TEST_F(InFlightSendsTest, KnowsHowManyHaveNoEndYet) {
  for (Place use = 1; use <= 5; ++use) start(use * 10, use, 1, use);
  EXPECT_EQ(sends_.unanswered(), 5U);
  for (Place use = 1; use <= 3; ++use) end(100 + use, use, use);
  EXPECT_EQ(sends_.unanswered(), 2U);
  EXPECT_EQ(paired(102).size(), 2U);
  EXPECT_EQ(sends_.unanswered(), 2U);
  EXPECT_EQ(sends_.size(), 3U);
  for (Place stray = 1; stray <= 9; ++stray) end(500, stray, 1'000 + stray);
  EXPECT_EQ(sends_.unanswered(), 0U);
}

TEST_F(InFlightSendsTest, TakesAnEndThatPrecedesEveryStartForAStray) {
  constexpr Place kUses = 200'000;
  for (Place use = 1; use <= kUses; ++use) start(1'000'000 + use, use);
  for (Place use = 1; use <= kUses; ++use) end(use, use);
  EXPECT_TRUE(paired(kUses).empty());
  EXPECT_EQ(strays_, kUses);
  EXPECT_EQ(sends_.size(), kUses);
}

TEST_F(InFlightSendsTest, ForgetsStartsWhoseEndsAreMissing) {
  for (Place use = 1; use <= 4; ++use) start(use * 10, use);
  end(35, 3);
  end(45, 4);
  EXPECT_EQ(paired(35), (std::vector<Place>{3}));
  EXPECT_EQ(lost_, (std::vector<Place>{1, 2}));
  EXPECT_EQ(sends_.size(), 1U);
  EXPECT_EQ(paired(45), (std::vector<Place>{4}));
}

TEST_F(InFlightSendsTest, TakesTheSendsOfOneClientOutWhereverTheyAre) {
  for (Place use = 1; use <= 6; ++use) start(use * 10, use, use % 2 == 0 ? 1 : 2, use);
  paired(30);
  std::vector<Place> taken;
  sends_.take_if([&](std::uint32_t client, Place place) {
    if (client == 2) taken.push_back(place);
    return client == 2;
  });
  std::sort(taken.begin(), taken.end());
  EXPECT_EQ(taken, (std::vector<Place>{1, 3, 5}));
  EXPECT_EQ(sends_.size(), 3U);
  for (const Place use : {2U, 4U, 6U}) end(use * 10 + 5, use, use);
  EXPECT_EQ(paired(100), (std::vector<Place>{2, 4, 6}));
  EXPECT_EQ(sends_.size(), 0U);
}

TEST_F(InFlightSendsTest, GivesUpThoseThatBeganBeforeHalfOfThemHad) {
  for (Place use = 1; use <= 6; ++use) start(use * 10, use, 1, use);
  paired(30);
  std::vector<Place> taken = sends_.take_older_half();
  std::sort(taken.begin(), taken.end());
  EXPECT_EQ(taken, (std::vector<Place>{1, 2, 3, 4}));
  EXPECT_EQ(sends_.size(), 2U);
}

}  // namespace
}  // namespace waybill::telemetry
