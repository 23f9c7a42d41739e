#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "waybill/base/clock.h"
#include "waybill/observe/room.h"
#include "waybill/segment/reader.h"

namespace waybill::observe::testing {

// Takes what the room writes and keeps nothing.
class Bin {
 public:
  std::span<std::uint8_t> room(std::size_t size) {
    bytes_.resize(size);
    return bytes_;
  }
  void keep(std::uint32_t, std::uint64_t, std::size_t) {}

 private:
  std::vector<std::uint8_t> bytes_;
};

// The room of this process with a segment of its own, and the collecting side's end of that. There is one for
// all tests, as there is one in a host.
class Hall {
 public:
  Hall() {
    char path[] = "/dev/shm/waybill-hall-XXXXXX";
    path_ = mkdtemp(path);
    const std::string directory = "WAYBILL_RUNTIME_DIR=" + path_;
    const char* variables[] = {directory.c_str(), "WAYBILL_SEGMENT_SIZE=1MiB", nullptr};
    room_ = Room::enter(variables, {}, HostRuntime::kNative);
    const std::filesystem::path file = std::filesystem::directory_iterator { path_ } -> path();
    EXPECT_EQ(reader_.open(open(file.c_str(), O_RDWR)), segment::ReadProblem::kNone);
    std::filesystem::remove_all(path_);
  }

  Room& room() { return *room_; }

  segment::Reader& reader() { return reader_; }

  void publish(const segment::HostSettings& settings, const segment::RuleTable& rules = {}) {
    reader_.publish(settings, rules);
    reader_.beat(base::monotonic_ns());
  }

  // How many records the room has written since the last call.
  int written() {
    int count = 0;
    drain([&](const segment::RecordView&) { ++count; });
    return count;
  }

  // Calls `visit(const segment::RecordView&)` for each of them.
  template <typename Visitor>
  void drain(Visitor&& visit) {
    Bin bin;
    segment::ReadProblem problem = segment::ReadProblem::kNone;
    reader_.drain(bin, problem, visit);
  }

 private:
  std::string path_;
  Room* room_ = nullptr;
  segment::Reader reader_;
};

inline Hall& hall() {
  static Hall the_hall;
  return the_hall;
}

inline Client& client_of(bool producer, std::string_view group = {}) {
  ClientFacts facts;
  facts.producer = producer;
  facts.group_id = group;
  return *hall().room().open_client(facts);
}

}  // namespace waybill::observe::testing
