#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "waybill/observe/testing/hall.h"

namespace waybill::observe {
namespace {

using segment::PartitionCell;
using testing::client_of;
using testing::hall;

// A consumer as its door tells of it, and what the collecting side reads.
class PartitionTest : public ::testing::Test {
 protected:
  PartitionTest() { hall().publish({}); }
  ~PartitionTest() override { hall().room().close_client(client_); }

  void get(std::int64_t offset, std::int32_t partition = 0) {
    IncomingMessage message;
    message.topic = "orders";
    message.partition = partition;
    message.offset = offset;
    hall().room().hand_over(client_, message);
  }

  // What librdkafka says of one partition, half a second after the last look.
  struct Look {
    std::int32_t partition = 0;
    std::int64_t position = -1;
    std::int64_t log_end = -1;
  };
  void look(std::initializer_list<Look> looks) {
    Room& room = hall().room();
    const bool has_all = !room.got_message_since_look(client_);
    for (const Look& one : looks) {
      room.for_each_partition(client_, [&](std::string_view, PartitionCell& cell) {
        if (cell.partition == one.partition)
          room.learn_partition(cell, {.position = one.position, .log_end = one.log_end, .has_all = has_all});
      });
    }
  }

  // How far it is behind at least; -1: nothing is told.
  std::int64_t lag(std::int32_t partition = 0) {
    std::int64_t found = -1;
    hall().reader().refresh();
    hall().reader().for_each_partition([&](const PartitionCell& cell) {
      if (cell.partition == partition && cell.revoked == 0 && cell.log_end >= 0)
        found = cell.log_end - cell.position;
    });
    return found;
  }

  Client& client_ = client_of(false, "billing");
};

TEST_F(PartitionTest, ASlowConsumerIsAsFarBehindAsItsLogEnd) {
  get(0);
  look({{0, 1, 100}});
  get(1);
  look({{0, 2, 100}});
  EXPECT_EQ(lag(), 98);
}

TEST_F(PartitionTest, BehindTheMarkerOfATransactionNothingIsMissing) {
  for (const std::int64_t offset : {0, 1, 2}) get(offset);
  look({{0, 3, 4}});
  EXPECT_EQ(lag(), -1);
  look({{0, 3, 4}});
  EXPECT_EQ(lag(), 0);
  for (const std::int64_t offset : {4, 5, 6}) get(offset);
  look({{0, 7, 8}});
  EXPECT_EQ(lag(), -1);
  look({{0, 7, 8}});
  EXPECT_EQ(lag(), 0);
}

TEST_F(PartitionTest, OffsetsThatWerePassedOverMayComeAgain) {
  get(0);
  look({{0, 1, 100}});
  get(2);
  look({{0, 3, 100}});
  get(3);
  look({{0, 4, 100}});
  EXPECT_EQ(lag(), -1);
}

TEST_F(PartitionTest, APartitionBehindAMarkerMissesNothingWhileAnotherIsRead) {
  get(2, 0);
  look({{0, 3, 4}});
  look({{0, 3, 4}});
  for (const std::int64_t offset : {0, 1, 2}) {
    get(offset, 1);
    look({{0, 3, 4}, {1, offset + 1, 50}});
    EXPECT_EQ(lag(0), 0);
  }
  EXPECT_EQ(lag(1), 47);
  get(3, 1);
  look({{0, 3, 9}, {1, 4, 50}});  // what is new there may be aborted
  EXPECT_EQ(lag(0), -1);
}

TEST_F(PartitionTest, APausedPartitionIsBehindAgainWhenItGoesOn) {
  for (const std::int64_t offset : {0, 1}) {
    get(offset);
    look({{0, offset + 1, 100}});
  }
  EXPECT_EQ(lag(), 98);
  look({{0, 2, 100}});
  EXPECT_EQ(lag(), 0);
  for (const std::int64_t offset : {2, 3}) {
    get(offset);
    look({{0, offset + 1, 100}});
  }
  EXPECT_EQ(lag(), 96);
}

TEST_F(PartitionTest, ALostPartitionHidesNoEmptyPoll) {
  get(0, 0);
  get(0, 1);
  look({{0, -1, -1}, {1, 1, 2}});
  look({{0, -1, -1}, {1, 1, 2}});
  EXPECT_EQ(lag(0), -1);
  EXPECT_EQ(lag(1), 0);
}

}  // namespace
}  // namespace waybill::observe
