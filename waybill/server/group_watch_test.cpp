#include "waybill/server/group_watch.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

namespace waybill::server {
namespace {

using Group = lag::ClusterConnection::Group;

constexpr std::int64_t kSecond = 1'000'000'000;

Group group_of(std::initializer_list<std::string> members) {
  Group group;
  for (const std::string& member : members) group.members.push_back({"client", member});
  return group;
}

Group rebalancing(std::initializer_list<std::string> members) {
  Group group = group_of(members);
  group.is_rebalancing = true;
  return group;
}

class GroupWatchTest : public ::testing::Test {
 protected:
  void see(std::int64_t second, const Group& group) { watch_.learn({{"billing", group}}, second * kSecond); }

  std::optional<std::int64_t> rebalanced() const {
    const auto time_ns = watch_.last_rebalance_ns("billing");
    return time_ns ? std::optional{*time_ns / kSecond} : std::nullopt;
  }

  BrokerView brokers_{{}};
  GroupWatch watch_{brokers_};
};

TEST_F(GroupWatchTest, ARebalanceThatGoesOnIsOneNow) {
  see(10, rebalancing({"one"}));
  EXPECT_EQ(rebalanced(), 10);
  see(13, rebalancing({"one", "two"}));
  EXPECT_EQ(rebalanced(), 13);
  see(16, group_of({"one", "two"}));
  EXPECT_EQ(rebalanced(), 13);
}

TEST_F(GroupWatchTest, OtherMembersTellOfARebalanceSinceTheLookBefore) {
  see(10, group_of({"one"}));
  EXPECT_EQ(rebalanced(), std::nullopt);
  see(13, group_of({"one"}));
  EXPECT_EQ(rebalanced(), std::nullopt);
  see(16, group_of({"one", "two"}));
  EXPECT_EQ(rebalanced(), 13);
  see(19, group_of({"one", "two"}));
  see(22, group_of({"two"}));
  EXPECT_EQ(rebalanced(), 19);
}

TEST_F(GroupWatchTest, AGroupWithoutMembersIsInNoRebalance) {
  see(10, rebalancing({"one"}));
  see(13, group_of({}));
  EXPECT_EQ(rebalanced(), std::nullopt);
  see(16, group_of({"two"}));
  EXPECT_EQ(rebalanced(), 13);
  watch_.learn({}, 19 * kSecond);
  EXPECT_EQ(rebalanced(), std::nullopt);
}

TEST_F(GroupWatchTest, OfWhatHappenedInALongPauseNothingIsKnown) {
  see(10, rebalancing({"one"}));
  see(60, group_of({"two"}));
  EXPECT_EQ(rebalanced(), std::nullopt);
  EXPECT_FALSE(watch_.members_since("billing", 59 * kSecond));
  ASSERT_TRUE(watch_.members_since("billing", 60 * kSecond));
  EXPECT_EQ(watch_.members_since("billing", 60 * kSecond)->at("client").count("one"), 0U);
}

TEST_F(GroupWatchTest, MembersThatHaveLeftWereThere) {
  see(10, group_of({"one"}));
  see(13, group_of({"two"}));
  const auto members = watch_.members_since("billing", 10 * kSecond);
  ASSERT_TRUE(members);
  const std::map<std::string, std::int64_t> both{{"one", 10 * kSecond}, {"two", 13 * kSecond}};
  EXPECT_EQ(members->at("client"), both);
}

}  // namespace
}  // namespace waybill::server
