#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "waybill/base/shared_word.h"
#include "waybill/segment/reader.h"
#include "waybill/segment/writer.h"

namespace waybill::segment {
namespace {

// The cells of one segment, and its reader.
class CellTableTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/waybill-cells-XXXXXX";
    path_ = mkdtemp(name);
    directory_ = open(path_.c_str(), O_RDONLY | O_DIRECTORY);
    ASSERT_EQ(writer_->create(directory_, kMinSegmentSize, {.program = "shop", .environment = {}}),
              base::Failure::kNone);
    const std::filesystem::path file = std::filesystem::directory_iterator { path_ } -> path();
    ASSERT_EQ(reader_.open(open(file.c_str(), O_RDWR)), ReadProblem::kNone);
  }
  void TearDown() override {
    close(directory_);
    std::filesystem::remove_all(path_);
  }

  void count(const CellKey& key, std::uint64_t amount = 1) {
    std::uint32_t hint = 0;
    MetricCell* cell = writer_->cells().find(key, hint);
    ASSERT_NE(cell, nullptr);
    base::shared(cell->count).fetch_add(amount);
  }
  std::vector<MetricCell> read() {
    EXPECT_TRUE(reader_.refresh());
    std::vector<MetricCell> cells;
    reader_.for_each_cell([&](const MetricCell& cell) { cells.push_back(cell); });
    return cells;
  }
  std::vector<PartitionCell> read_partitions() {
    EXPECT_TRUE(reader_.refresh());
    std::vector<PartitionCell> cells;
    reader_.for_each_partition([&](const PartitionCell& cell) { cells.push_back(cell); });
    return cells;
  }
  static CellKey send_of(std::uint32_t topic) { return {CellKind::kSend, 1, topic, 0, 0}; }

  std::string path_;
  int directory_ = -1;
  std::unique_ptr<Writer> writer_ = std::make_unique<Writer>();
  Reader reader_;
};

TEST_F(CellTableTest, WhatIsCountedUnderOneKeyStandsInOneCell) {
  count(send_of(7));
  count(send_of(8), 5);
  count(send_of(7));
  const std::vector<MetricCell> cells = read();
  ASSERT_EQ(cells.size(), 2U);
  EXPECT_EQ(cells[0].key, send_of(7));
  EXPECT_EQ(cells[0].count, 2U);
  EXPECT_EQ(cells[1].count, 5U);
}

TEST_F(CellTableTest, PartitionsThatAreToldApartHaveACellEach) {
  for (const std::uint32_t partition : {0U, 1U, 2U, 1U}) {
    CellKey key = send_of(7);
    key.partition_plus_1 = partition;
    count(key);
  }
  const std::vector<MetricCell> cells = read();
  ASSERT_EQ(cells.size(), 3U);
  EXPECT_EQ(cells[1].key.partition_plus_1, 1U);
  EXPECT_EQ(cells[1].count, 2U);
}

TEST_F(CellTableTest, AnyHintIsSafe) {
  count(send_of(7));
  for (const std::uint32_t wrong : {0U, 1U, 63U, 64U, 0xffff'ffffU}) {
    std::uint32_t hint = wrong;
    MetricCell* cell = writer_->cells().find(send_of(9), hint);
    ASSERT_NE(cell, nullptr);
    EXPECT_EQ(cell->key, send_of(9));
  }
  EXPECT_EQ(read().size(), 2U);
}

TEST_F(CellTableTest, WhenAllCellsAreTakenTheRestIsCountedTogetherAndNothingIsLost) {
  constexpr std::uint32_t kTopics = 500;
  for (std::uint32_t topic = 1; topic <= kTopics; ++topic) count(send_of(topic));
  for (std::uint32_t topic = 1; topic <= kTopics; ++topic) count({CellKind::kConsume, 1, topic, 0, 0});
  std::uint64_t sum = 0;
  std::uint64_t overflow = 0;
  std::vector<CellKind> shared_by;
  for (const MetricCell& cell : read()) {
    sum += cell.count;
    if (cell.key.topic != CellKey::kOverflow) continue;
    overflow += cell.count;
    shared_by.push_back(cell.key.kind);
  }
  EXPECT_EQ(sum, 2 * kTopics);
  EXPECT_EQ(shared_by, (std::vector<CellKind>{CellKind::kSend, CellKind::kConsume}));
  EXPECT_EQ(overflow, 2 * kTopics - (Layout::for_size(kMinSegmentSize).cell_count - 8));
}

TEST_F(CellTableTest, ThreadsThatCountTheSameLoseNothing) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 20'000;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&] {
      for (int round = 0; round < kRounds; ++round) count(send_of(1 + static_cast<std::uint32_t>(round) % 9));
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::uint64_t sum = 0;
  for (const MetricCell& cell : read()) sum += cell.count;
  EXPECT_EQ(sum, std::uint64_t{kThreads} * kRounds);
}

TEST_F(CellTableTest, APartitionHasACellOfItsOwnForEachClient) {
  CellTable& cells = writer_->cells();
  PartitionCell* first = cells.find_partition(1, 7, 0, 3);
  PartitionCell* other_client = cells.find_partition(2, 7, 0, 3);
  PartitionCell* other_partition = cells.find_partition(1, 7, 1, 3);
  ASSERT_TRUE(first != nullptr && other_client != nullptr && other_partition != nullptr);
  EXPECT_EQ(cells.find_partition(1, 7, 0, 3), first);
  EXPECT_EQ(read_partitions().size(), 3U);
  EXPECT_EQ(read_partitions()[0].position, -1);
  EXPECT_EQ(read_partitions()[0].log_end, -1);
}

TEST_F(CellTableTest, TheCellsOfAClosedClientAreUsedAgain) {
  CellTable& cells = writer_->cells();
  const std::uint32_t room = Layout::for_size(kMinSegmentSize).cell_count;
  for (std::uint32_t client = 1; client <= 3 * room; ++client) {
    PartitionCell* cell = cells.find_partition(client, 7, 0, 3);
    ASSERT_NE(cell, nullptr) << client;
    cell->position = client;
    cells.release_partitions(client);
    EXPECT_TRUE(read_partitions().empty());
  }
}

TEST_F(CellTableTest, WithoutRoomAPartitionHasNoCell) {
  CellTable& cells = writer_->cells();
  const auto room = static_cast<std::int32_t>(Layout::for_size(kMinSegmentSize).cell_count);
  for (std::int32_t partition = 0; partition < room; ++partition)
    EXPECT_NE(cells.find_partition(1, 7, partition, 3), nullptr);
  EXPECT_NE(cells.find_partition(1, 7, 0, 3), nullptr);
  EXPECT_EQ(cells.find_partition(2, 7, room, 3), nullptr);
  EXPECT_EQ(cells.find_partition(2, 7, room, 3), nullptr);
  EXPECT_EQ(read_partitions().size(), static_cast<std::size_t>(room));
  cells.release_partitions(1);
  EXPECT_NE(cells.find_partition(2, 7, room, 3), nullptr);
}

TEST_F(CellTableTest, AReaderBelievesNoNumberOfCellsThatTheSegmentCannotHold) {
  count(send_of(7));
  const std::filesystem::path file = std::filesystem::directory_iterator { path_ } -> path();
  const int direct = open(file.c_str(), O_RDWR);
  const std::uint32_t many = 0xffff'ffff;
  for (const std::size_t place : {offsetof(HostPage, cells_used), offsetof(HostPage, partitions_used)}) {
    ASSERT_EQ(pwrite(direct, &many, sizeof many, static_cast<off_t>(place)),
              static_cast<ssize_t>(sizeof many));
  }
  close(direct);
  EXPECT_EQ(read().size(), 1U);
  EXPECT_TRUE(read_partitions().empty());
}

}  // namespace
}  // namespace waybill::segment
