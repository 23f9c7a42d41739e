#include "waybill/lag/join_lag.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace waybill::lag {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kNow = 1'000 * kSecond;
const JoinMoment kMoment{.now_ns = kNow, .now_unix_ns = 5'000 * kSecond};
const GroupPartition kOf{"billing", {"orders", 3}};

// A consumer that got everything up to offset 40 and knew a second ago that the log ends at 100.
HostPartition consumer() {
  return {.of = kOf,
          .position = 40,
          .cached_log_end = 100,
          .log_end_read_ns = kNow - kSecond,
          .assigned_ns = kNow - 60 * kSecond,
          .last_poll_ns = kNow - kSecond};
}

LagAnswer answer(std::uint64_t messages, std::uint64_t measured_ns = kNow - kSecond) {
  LagAnswer answer{.number = 1, .measured_ns = measured_ns, .measured_unix_ns = 4'999 * kSecond, .lags = {}};
  answer.lags.push_back({.of = kOf, .position = 40, .log_end = 100, .messages = messages, .seconds = 7.5});
  return answer;
}

std::vector<LagPoint> join(const std::vector<HostPartition>& hosts, const LagAnswer* broker = nullptr) {
  return join_lag(hosts, broker, kMoment);
}

TEST(JoinLagTest, TellsALowerBoundAndTheAgeOfItsLogEndWithoutABroker) {
  const auto points = join({consumer()});
  ASSERT_EQ(points.size(), 1U);
  EXPECT_EQ(points[0].of, kOf);
  EXPECT_EQ(points[0].messages, 60U);
  EXPECT_EQ(points[0].watermark_age, 1.0);
  EXPECT_EQ(points[0].seconds, 1.0);
  EXPECT_EQ(points[0].time_unix_ns, kMoment.now_unix_ns);
}

TEST(JoinLagTest, TheBrokersAnswerWins) {
  const LagAnswer broker = answer(58);
  const auto points = join({consumer()}, &broker);
  ASSERT_EQ(points.size(), 1U);
  EXPECT_EQ(points[0].messages, 58U);
  EXPECT_EQ(points[0].seconds, 7.5);
  EXPECT_FALSE(points[0].watermark_age);
  EXPECT_EQ(points[0].time_unix_ns, broker.measured_unix_ns);
}

TEST(JoinLagTest, AnAnswerThatIsTooOldCountsForNothing) {
  const LagAnswer broker = answer(58, kNow - 31 * kSecond);
  EXPECT_TRUE(join({}, &broker).empty());
  EXPECT_EQ(join({consumer()}, &broker).at(0).messages, 60U);
}

TEST(JoinLagTest, TellsGroupsThatNoHostReadsFor) {
  const LagAnswer broker = answer(58);
  EXPECT_EQ(join({}, &broker).at(0).messages, 58U);
}

TEST(JoinLagTest, TellsWhatTheBrokerLeavesOutFromTheHost) {
  const LagAnswer broker = answer(58);
  HostPartition other = consumer();
  other.of.at.partition = 4;
  const auto points = join({consumer(), other}, &broker);
  ASSERT_EQ(points.size(), 2U);
  EXPECT_FALSE(points[0].watermark_age);
  EXPECT_EQ(points[1].messages, 60U);
  EXPECT_TRUE(points[1].watermark_age);
}

TEST(JoinLagTest, SaysNothingOfAPartitionThatWasTakenAway) {
  HostPartition host = consumer();
  host.revoked = true;
  EXPECT_TRUE(join({host}).empty());
}

TEST(JoinLagTest, SaysNothingForAClientThatDoesNotPoll) {
  HostPartition host = consumer();
  host.last_poll_ns = kNow - host.max_poll_interval_ns;
  EXPECT_TRUE(join({host}).empty());
}

TEST(JoinLagTest, TheNewestOwnerOfAGroupCounts) {
  HostPartition before = consumer();
  HostPartition now = consumer();
  now.assigned_ns += kSecond;
  now.position = 90;
  EXPECT_EQ(join({before, now}).at(0).messages, 10U);
  EXPECT_EQ(join({now, before}).at(0).messages, 10U);
  now.revoked = true;
  EXPECT_TRUE(join({now, before}).empty()) << "the one before has not got it back";
}

TEST(JoinLagTest, TwoGroupsOnOnePartitionAreTwo) {
  HostPartition other = consumer();
  other.of.group = "audit";
  other.position = 99;
  const auto points = join({consumer(), other});
  ASSERT_EQ(points.size(), 2U);
  EXPECT_EQ(points[0].of.group, "audit");
  EXPECT_EQ(points[0].messages, 1U);
  EXPECT_EQ(points[1].messages, 60U);
}

TEST(JoinLagTest, IsZeroAtTheEndAndNeverBelow) {
  HostPartition host = consumer();
  host.cached_log_end = 40;
  EXPECT_EQ(join({host}).at(0).messages, 0U);
  EXPECT_EQ(join({host}).at(0).seconds, 0.0);
  host.cached_log_end = 30;  // the position is newer than the log end
  EXPECT_EQ(join({host}).at(0).messages, 0U);
  host.log_end_read_ns = kNow + kSecond;
  EXPECT_EQ(join({host}).at(0).watermark_age, 0.0);
}

TEST(JoinLagTest, SaysNothingBeforeTheFirstRecordOrTheFirstLogEnd) {
  HostPartition host = consumer();
  host.position = kNoOffset;
  EXPECT_TRUE(join({host}).empty());
  host = consumer();
  host.cached_log_end = kNoOffset;
  EXPECT_TRUE(join({host}).empty());
}

TEST(JoinLagTest, TakesHostileNumbersForWhatTheyAre) {
  HostPartition host = consumer();
  host.position = 0;
  host.cached_log_end = std::numeric_limits<std::int64_t>::max();
  host.log_end_read_ns = std::numeric_limits<std::uint64_t>::max();
  host.last_poll_ns = std::numeric_limits<std::uint64_t>::max();
  const auto points = join({host});
  ASSERT_EQ(points.size(), 1U);
  EXPECT_EQ(points[0].messages, static_cast<std::uint64_t>(host.cached_log_end));
  EXPECT_EQ(points[0].seconds, 0.0);
  host.position = std::numeric_limits<std::int64_t>::min();
  EXPECT_TRUE(join({host}).empty());
}

}  // namespace
}  // namespace waybill::lag
