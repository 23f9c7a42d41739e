#include "waybill/collect/lag_watch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "waybill/base/clock.h"
#include "waybill/lag/testing/mock_cluster.h"

namespace waybill::collect {
namespace {

using lag::GroupPartition;
using lag::testing::MockCluster;

lag::JoinMoment now() { return {.now_ns = base::monotonic_ns(), .now_unix_ns = base::realtime_ns()}; }

// A consumer of "billing" that got four of the ten messages of "orders", and knows of eight.
WatchedPartition watched(std::string host, std::string servers) {
  WatchedPartition partition;
  partition.host = std::move(host);
  partition.bootstrap_servers = std::move(servers);
  partition.partition.of = {"billing", {"orders", 0}};
  partition.partition.position = 4;
  partition.partition.cached_log_end = 8;
  partition.partition.log_end_read_ns = partition.partition.last_poll_ns = base::monotonic_ns();
  partition.interval = std::chrono::milliseconds{1'000};
  return partition;
}

WatchedPartition asked(std::string host, const MockCluster& cluster) {
  WatchedPartition partition = watched(std::move(host), cluster.address());
  partition.query = lag::ClusterConfig{.bootstrap_servers = cluster.address(), .properties = {}};
  return partition;
}

lag::LagPoint wait_for_exact(LagWatch& watch, const std::string& host) {
  for (;;) {
    const auto points = watch.of_hosts(now());
    if (const auto found = points.find(host); found != points.end() && !found->second[0].watermark_age)
      return found->second[0];
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
}

TEST(LagWatchTest, TellsEachHostOfItsOwnPartitions) {
  Log log;
  LagWatch watch{log};
  WatchedPartition other = watched("web", "kafka:9092");
  other.partition.of.at.partition = 1;
  other.partition.position = 7;
  watch.update({watched("batch", "kafka:9092"), other});
  const auto points = watch.of_hosts(now());
  ASSERT_EQ(points.size(), 2U);
  EXPECT_EQ(points.at("batch").at(0).messages, 4U);
  EXPECT_EQ(points.at("web").at(0).messages, 1U);
  EXPECT_TRUE(watch.of_others(now()).empty());
}

TEST(LagWatchTest, PutsOnePartitionOfTwoClustersApart) {
  Log log;
  LagWatch watch{log};
  WatchedPartition other = watched("web", "elsewhere:9092");
  other.partition.position = 7;
  watch.update({watched("batch", "kafka:9092"), other});
  const auto points = watch.of_hosts(now());
  EXPECT_EQ(points.at("batch").at(0).messages, 4U);
  EXPECT_EQ(points.at("web").at(0).messages, 1U);
}

TEST(LagWatchTest, TellsWhatTheBrokersSayWhereTheyMayBeAsked) {
  const MockCluster cluster;
  Log log;
  LagWatch watch{log};
  watch.update({asked("batch", cluster)});
  const lag::LagPoint point = wait_for_exact(watch, "batch");
  EXPECT_EQ(point.messages, 6U);
  EXPECT_EQ(point.uncounted, 0U);
}

TEST(LagWatchTest, APartitionThatNoHostHasBelongsToTheOthers) {
  const MockCluster cluster;
  Log log;
  LagWatch watch{log};
  WatchedPartition partition = asked("batch", cluster);
  partition.all_groups = true;
  watch.update({partition});
  wait_for_exact(watch, "batch");
  EXPECT_TRUE(watch.of_others(now()).empty());
  partition.partition.revoked = true;
  watch.update({partition});
  EXPECT_TRUE(watch.of_hosts(now()).empty());
  const auto others = watch.of_others(now());
  ASSERT_EQ(others.size(), 1U);
  EXPECT_EQ(others[0].messages, 6U);
}

TEST(LagWatchTest, AsksAboutAllGroupsAsSoonAsOneHostWantsThat) {
  const MockCluster cluster;
  Log log;
  LagWatch watch{log};
  WatchedPartition first = asked("batch", cluster);
  watch.update({first});
  wait_for_exact(watch, "batch");
  WatchedPartition second = asked("web", cluster);
  second.partition.of.at.partition = 1;
  second.partition.revoked = second.all_groups = true;
  watch.update({first, second});
  EXPECT_TRUE(watch.of_others(now()).empty());
  wait_for_exact(watch, "batch");
  first.partition.revoked = true;
  watch.update({first, second});
  EXPECT_EQ(watch.of_others(now()).size(), 1U);
}

TEST(LagWatchTest, AsksNobodyAnyMoreWhenItIsStoppedAndKnowsWhatItKnew) {
  const MockCluster cluster;
  Log log;
  LagWatch watch{log};
  watch.update({asked("batch", cluster)});
  wait_for_exact(watch, "batch");
  EXPECT_FALSE(watch.has_ended());
  watch.stop();
  watch.update({});
  while (!watch.has_ended()) std::this_thread::sleep_for(std::chrono::milliseconds{5});
  EXPECT_EQ(watch.of_hosts(now()).at("batch").at(0).messages, 6U);
}

// The brokers of one who is asked by itself and of one who wished for it go away.
TEST(LagWatchTest, SaysThatABrokerIsAwayOnlyWhereItWasWishedToBeAsked) {
  MockCluster cluster;
  std::atomic<int> said_unasked = 0;
  std::atomic<int> said_when_on = 0;
  const auto clock = [] { return std::chrono::steady_clock::now(); };
  Log unasked_log{clock, [&](const std::string&) { ++said_unasked; }};
  Log on_log{clock, [&](const std::string&) { ++said_when_on; }};
  LagWatch unasked{unasked_log};
  LagWatch on{on_log};
  WatchedPartition partition = asked("batch", cluster);
  unasked.update({partition});
  partition.all_groups = true;
  on.update({partition});
  wait_for_exact(unasked, "batch");
  wait_for_exact(on, "batch");
  cluster.take_down();
  while (said_when_on == 0) std::this_thread::sleep_for(std::chrono::milliseconds{5});
  unasked.stop();
  while (!unasked.has_ended()) std::this_thread::sleep_for(std::chrono::milliseconds{5});
  EXPECT_EQ(said_unasked, 0);
}

TEST(LagWatchTest, OneUsersClustersTakeNoOtherUsersShare) {
  const MockCluster cluster;
  std::atomic<int> said = 0;
  Log log{[] { return std::chrono::steady_clock::now(); }, [&](const std::string&) { ++said; }};
  LagWatch watch{log};
  std::vector<WatchedPartition> partitions;
  for (int number = 0; number < 17; ++number) {
    WatchedPartition partition = watched("greedy", "127.0.0.1:" + std::to_string(1 + number));
    partition.query = lag::ClusterConfig{.bootstrap_servers = partition.bootstrap_servers, .properties = {}};
    partition.owner = 1;
    partitions.push_back(partition);
  }
  watch.update(partitions);
  EXPECT_EQ(said, 1);
  WatchedPartition partition = asked("batch", cluster);
  partition.owner = 2;
  partitions.push_back(partition);
  watch.update(partitions);
  EXPECT_EQ(wait_for_exact(watch, "batch").messages, 6U);
  watch.stop();
}

TEST(LagWatchTest, ForgetsAClusterThatNobodyReadsFrom) {
  const MockCluster cluster;
  Log log;
  LagWatch watch{log};
  watch.update({asked("batch", cluster)});
  wait_for_exact(watch, "batch");
  watch.update({});
  EXPECT_TRUE(watch.of_hosts(now()).empty());
  watch.update({asked("batch", cluster)});
  EXPECT_EQ(wait_for_exact(watch, "batch").messages, 6U);
}

}  // namespace
}  // namespace waybill::collect
