#include "waybill/collect/lag_watch.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
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
