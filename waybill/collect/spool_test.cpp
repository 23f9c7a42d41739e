#include "waybill/collect/spool.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace waybill::collect {
namespace {

using telemetry::Place;

constexpr std::size_t kBlock = segment::kChunkSize;

// A record of `size` bytes that carries `number`.
std::vector<std::uint8_t> record_of(std::uint64_t number, std::size_t size = 64) {
  std::vector<std::uint8_t> bytes(size);
  const segment::RecordHeader header{segment::size_and_kind(size, segment::RecordKind::kSendEnded), 0};
  std::memcpy(bytes.data(), &header, sizeof header);
  std::memcpy(bytes.data() + sizeof header, &number, sizeof number);
  return bytes;
}

std::uint64_t number_in(const std::uint8_t* record) {
  std::uint64_t number = 0;
  std::memcpy(&number, record + sizeof(segment::RecordHeader), sizeof number);
  return number;
}

class SpoolTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/dev/shm/waybill-spool-XXXXXX";
    path_ = mkdtemp(name);
  }
  void TearDown() override {
    spool_.reset();
    std::filesystem::remove_all(path_);
  }

  FileDescriptor file() { return FileDescriptor{open((path_ + "/spool").c_str(), O_RDWR | O_CREAT, 0600)}; }

  // Like a collecting process that was killed and started again. Returns the numbers that it finds.
  std::map<std::uint64_t, Place> restart(std::size_t size = 8 * kBlock) {
    spool_.reset();
    spool_ = std::make_unique<Spool>(file(), size);
    std::map<std::uint64_t, Place> found;
    spool_->replay(
        [&](std::span<const std::uint8_t> record, Place place) { found[number_in(record.data())] = place; });
    return found;
  }

  std::string bytes_of_file() const {
    std::ifstream stream{path_ + "/spool", std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
  }

  // Takes one record, as if it had been read from a chunk. None: no room.
  std::optional<Place> take(std::uint64_t number, std::size_t size = 64, bool keep = true) {
    const std::vector<std::uint8_t> record = record_of(number, size);
    const std::span<std::uint8_t> room = spool_->room(size);
    if (room.empty()) return std::nullopt;
    std::memcpy(room.data(), record.data(), size);
    const Place place = spool_->take(room);
    if (keep) spool_->keep(3, ++position_ * 8, size);
    return place;
  }

  std::string path_;
  std::unique_ptr<Spool> spool_;
  std::uint64_t position_ = 0;
};

TEST_F(SpoolTest, GivesTheNextProcessWhatIsNotSettled) {
  EXPECT_TRUE(restart().empty());
  EXPECT_TRUE(spool_->in_file());
  EXPECT_EQ(spool_->last_step().end_position, 0U);
  std::vector<Place> places;
  for (std::uint64_t number = 0; number < 5; ++number) places.push_back(*take(number));
  spool_->settle(places[1]);
  spool_->settle(places[4]);
  const std::map<std::uint64_t, Place> found = restart();
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(number_in(spool_->record(found.at(2))), 2U);
  EXPECT_EQ(spool_->last_step().chunk, 3U);
  EXPECT_EQ(spool_->last_step().end_position, 5U * 8);
  for (const auto& [number, place] : found) spool_->settle(place);
  EXPECT_TRUE(restart().empty());
}

TEST_F(SpoolTest, KnowsNothingOfWhatWasReadAndNotKept) {
  restart();
  take(1);
  take(2, 64, false);
  EXPECT_EQ(restart().size(), 1U);
  EXPECT_EQ(spool_->last_step().end_position, 1U * 8);
}

TEST_F(SpoolTest, HasNoRoomWhenItIsFullAndHasSomeAgainWhenRecordsAreSettled) {
  restart();
  std::vector<Place> places;
  while (const std::optional<Place> place = take(places.size(), 4096)) places.push_back(*place);
  EXPECT_GE(places.size(), 5U * 16);
  spool_->make_room();
  EXPECT_FALSE(take(0, 4096));
  for (const Place place : places) spool_->settle(place);
  spool_->make_room();
  EXPECT_TRUE(take(0, 4096));
}

TEST_F(SpoolTest, MovesTheFewThatKeepManyBlocks) {
  restart();
  std::vector<Place> kept;
  for (std::uint64_t number = 0; number < 1'000; ++number) {
    const std::optional<Place> place = take(number, 8192);
    ASSERT_TRUE(place) << number;
    if (number % 50 == 0) {
      kept.push_back(*place);
    } else {
      spool_->settle(*place);
    }
    spool_->make_room();
  }
  ASSERT_EQ(kept.size(), 20U);
  for (std::size_t at = 0; at < kept.size(); ++at) EXPECT_EQ(number_in(spool_->record(kept[at])), at * 50);
  EXPECT_EQ(restart().size(), 20U);
}

TEST_F(SpoolTest, RemembersARecordThatMovesOftenNoLongerThanOneThatMovesOnce) {
  restart();
  const Place kept = *take(7);
  for (std::uint64_t number = 0; number < 20'000; ++number) {
    const std::optional<Place> place = take(number, 8192);
    ASSERT_TRUE(place) << number;
    spool_->settle(*place);
    spool_->make_room();
    ASSERT_LE(spool_->moved_records(), 1U);
  }
  EXPECT_EQ(spool_->moved_records(), 1U);
  EXPECT_EQ(number_in(spool_->record(kept)), 7U);
  spool_->settle(kept);
  EXPECT_EQ(spool_->moved_records(), 0U);
}

// The state of the file between the copy and the end of the old block, made of what stood before and after.
TEST_F(SpoolTest, TakesBackAMoveThatWasNotFinished) {
  restart();
  std::vector<Place> places;
  while (const std::optional<Place> place = take(places.size(), 4096)) places.push_back(*place);
  for (std::size_t at = 1; at < places.size() - 1; ++at) {
    if (at % 15 != 0) spool_->settle(places[at]);
  }
  const std::string before = bytes_of_file();
  spool_->make_room();
  const std::string after = bytes_of_file();
  const std::size_t count = restart().size();
  spool_.reset();

  // The head takes 72 bytes. The last move stands at 40; its first word is the sequence of the block that was
  // emptied. Then come the blocks' states, 16 bytes each, with their sequences first.
  std::size_t emptied = 0;
  for (std::size_t at = 72; at < 72 + std::size_t{8} * 16; at += 16) {
    if (before.compare(at, 8, after, 40, 8) == 0) emptied = at;
  }
  ASSERT_NE(emptied, 0U);
  ASSERT_NE(before.compare(emptied, 8, after, emptied, 8), 0);
  const FileDescriptor raw = file();
  ASSERT_EQ(pwrite(raw.get(), before.data() + emptied, 16, static_cast<off_t>(emptied)), 16);
  EXPECT_EQ(restart().size(), count);
}

TEST_F(SpoolTest, StaysInMemoryWhenTheFileCannotBeUsed) {
  spool_ = std::make_unique<Spool>(FileDescriptor{open("/dev/null", O_RDWR)}, 8 * kBlock);
  EXPECT_FALSE(spool_->in_file());
  const Place place = *take(7);
  EXPECT_EQ(number_in(spool_->record(place)), 7U);
  spool_->settle(place);
  spool_->trim();
  EXPECT_TRUE(take(8));
}

TEST_F(SpoolTest, BeginsAnewOverAFileThatIsNoSpool) {
  {
    const FileDescriptor garbage = file();
    const std::string text(100'000, 'x');
    ASSERT_EQ(write(garbage.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  EXPECT_TRUE(restart().empty());
  take(1);
  EXPECT_EQ(restart(16 * kBlock).size(), 0U);  // another size: another program's
  take(2);
  EXPECT_EQ(restart(16 * kBlock).size(), 1U);
}

TEST_F(SpoolTest, SurvivesADamagedFile) {
  std::mt19937_64 random{20261124};
  restart();
  for (std::uint64_t number = 0; number < 3'000; ++number) take(number);
  const FileDescriptor raw = file();
  for (int round = 0; round < 200; ++round) {
    const std::uint64_t noise = random();
    const std::size_t where = random() % (round % 2 == 0 ? 256 : 4 * kBlock);
    ASSERT_EQ(pwrite(raw.get(), &noise, sizeof noise, static_cast<off_t>(where)), 8);
    for (const auto& [number, place] : restart()) EXPECT_NE(place, telemetry::kNoPlace);
    take(1);
  }
}

// Any order of taking, settling, moving and dying: what was kept and not settled is always there, once.
TEST_F(SpoolTest, KeepsItsPromiseInAnyOrderOfEvents) {
  std::mt19937_64 random{20261124};
  std::map<std::uint64_t, Place> expected = restart();
  std::uint64_t number = 0;
  for (int step = 0; step < 60'000; ++step) {
    const std::uint64_t what = random() % 1000;
    if (what < 550) {
      const std::size_t size = 64 + 8 * (random() % 100);
      if (const std::optional<Place> place = take(++number, size)) expected[number] = *place;
    } else if (what < 990 && !expected.empty()) {
      auto entry = expected.lower_bound(random() % number);
      if (entry == expected.end()) entry = expected.begin();
      if (entry->first % 100 == 0 && random() % 50 != 0) continue;  // some stay long
      ASSERT_EQ(number_in(spool_->record(entry->second)), entry->first);
      spool_->settle(entry->second);
      expected.erase(entry);
    } else if (what < 998) {
      spool_->make_room();
    } else if (what < 999) {
      spool_->trim();
    } else {
      const std::map<std::uint64_t, Place> found = restart();
      ASSERT_EQ(found.size(), expected.size());
      expected = found;
    }
  }
  EXPECT_GT(number, 20'000U);
}

}  // namespace
}  // namespace waybill::collect
