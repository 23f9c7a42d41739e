#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "waybill/base/shared_word.h"
#include "waybill/collect/testing/host_fixture.h"

namespace waybill::collect {
namespace {

using testing::consumer_profile;

class HostPartitionsTest : public testing::HostTest {
 protected:
  void SetUp() override {}  // a test says what stands in the environment first
  void begin(const std::string& environment) {
    environment_ = environment;
    testing::HostTest::SetUp();
  }

  void read(const std::string& profile, std::int32_t partition) {
    const std::uint32_t client = writer_->define(segment::DefinitionKind::kClient, profile);
    const std::uint32_t topic = writer_->define(segment::DefinitionKind::kTopic, "orders");
    segment::PartitionCell* cell =
        writer_->cells().find_partition(static_cast<std::uint32_t>(partition) + 1, topic, partition, client);
    ASSERT_NE(cell, nullptr);
    base::shared(cell->position).store(4);
    base::shared(cell->position_ns).store(7);
  }
};

TEST_F(HostPartitionsTest, KnowsWhereConsumersOfGroupsStand) {
  begin("WAYBILL_LAG_INTERVAL=2000");
  read(consumer_profile("billing", "kafka:9092", "plaintext"), 0);
  read(consumer_profile("", "kafka:9092", "plaintext"), 1);
  const std::vector<WatchedPartition> watched = host_->watched_partitions();
  ASSERT_EQ(watched.size(), 1U);
  EXPECT_EQ(watched[0].partition.of, (lag::GroupPartition{"billing", {"orders", 0}}));
  EXPECT_EQ(watched[0].partition.position, 4);
  EXPECT_EQ(watched[0].partition.cached_log_end, lag::kNoOffset);
  EXPECT_EQ(watched[0].partition.last_poll_ns, 7U);
  EXPECT_TRUE(watched[0].partition.read_committed);
  EXPECT_EQ(watched[0].host, "name.segment");
  EXPECT_EQ(watched[0].interval, std::chrono::milliseconds{2000});
}

TEST_F(HostPartitionsTest, AsksByItselfOnlyWhereAConsumerSpeaksPlainText) {
  begin("WAYBILL_KAFKA_CONFIG=security.protocol=ssl");
  read(consumer_profile("billing", "kafka:9092", "plaintext"), 0);
  read(consumer_profile("audit", "kafka:9093", "ssl"), 1);
  const std::vector<WatchedPartition> watched = host_->watched_partitions();
  ASSERT_EQ(watched.size(), 2U);
  ASSERT_TRUE(watched[0].query);
  EXPECT_EQ(watched[0].query->bootstrap_servers, "kafka:9092");
  EXPECT_TRUE(watched[0].query->properties.empty());
  EXPECT_FALSE(watched[0].all_groups);
  EXPECT_FALSE(watched[1].query);
}

TEST_F(HostPartitionsTest, AsksWithKafkasPropertiesAndAboutAllGroupsWhenThatIsOn) {
  defaults_.set("WAYBILL_LAG_QUERY=on");
  begin("WAYBILL_KAFKA_CONFIG=security.protocol=ssl");
  read(consumer_profile("billing", "kafka:9093", "ssl"), 0);
  const std::vector<WatchedPartition> watched = host_->watched_partitions();
  ASSERT_EQ(watched.size(), 1U);
  ASSERT_TRUE(watched[0].query);
  EXPECT_EQ(watched[0].query->properties.at(0).second, "ssl");
  EXPECT_TRUE(watched[0].all_groups);
}

TEST_F(HostPartitionsTest, AsksNobodyWhenThatIsOff) {
  begin("WAYBILL_LAG_QUERY=off");
  read(consumer_profile("billing", "kafka:9092", "plaintext"), 0);
  EXPECT_FALSE(host_->watched_partitions().at(0).query);
}

TEST_F(HostPartitionsTest, AnotherUsersProgramCannotHaveAllGroupsAskedAboutNorGivePropertiesOfItsOwn) {
  owner_ = geteuid() + 1;
  defaults_.set("WAYBILL_LAG_QUERY=on");
  begin("WAYBILL_KAFKA_CONFIG=ssl.ca.location=/etc/shadow");
  read(consumer_profile("billing", "kafka:9092", "plaintext"), 0);
  const std::vector<WatchedPartition> watched = host_->watched_partitions();
  EXPECT_FALSE(watched.at(0).all_groups);
  ASSERT_TRUE(watched[0].query);
  EXPECT_TRUE(watched[0].query->properties.empty());
}

}  // namespace
}  // namespace waybill::collect
