#include "waybill/server/span_timeline.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>

#include "waybill/store/sqlite_store.h"

namespace waybill::server {
namespace {

using evidence::Span;

constexpr std::int64_t kSecond = 1'000'000'000;
const std::int64_t kBegin =
    std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();

Span span_of(std::uint64_t number, std::int64_t second) {
  Span span;
  span.trace_id.bytes[0] = 1;
  for (std::size_t at = 0; at < span.span_id.bytes.size(); ++at)
    span.span_id.bytes[at] = static_cast<std::uint8_t>(number >> (8 * at));
  span.start_ns = kBegin + second * kSecond;
  span.end_ns = span.start_ns + 1;
  span.operation = evidence::Operation::kProcess;
  span.place = {"orders", 0, static_cast<std::int64_t>(number)};
  return span;
}

// 400 spans of a hundred seconds, out of order, in several volumes.
class SpanTimelineTest : public ::testing::Test {
 protected:
  SpanTimelineTest() {
    std::string name = (std::filesystem::temp_directory_path() / "waybill-timeline-XXXXXX").string();
    store::SqliteStoreConfig config;
    config.folder = folder_ = mkdtemp(name.data());
    config.spans_in_a_volume = 60;
    auto store = store::SqliteStore::open(config);
    EXPECT_TRUE(store) << store.error().message;
    store_ = std::move(*store);
    for (std::uint64_t number = 1; number <= 400; number += 20) {
      store::Batch batch;
      for (std::uint64_t one = number; one < number + 20; ++one)
        batch.spans.push_back(span_of(one, static_cast<std::int64_t>(dice_() % 100)));
      EXPECT_TRUE(store_->insert(batch));
    }
    query_.place.topic = "orders";
  }
  ~SpanTimelineTest() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::vector<std::int64_t> in_store(const store::Window& window, std::size_t most) {
    store::SpanQuery query = query_;
    query.window = window;
    query.most = most;
    std::vector<std::int64_t> offsets;
    const auto found = store_->search(query);
    EXPECT_TRUE(found);
    for (const Span& span : found->spans) offsets.push_back(span.place.offset);
    return offsets;
  }

  static std::vector<std::int64_t> in(SpanTimeline& timeline, const store::Window& window, std::size_t most) {
    std::vector<std::int64_t> offsets;
    const auto found = timeline.newest(window, most);
    EXPECT_TRUE(found);
    for (const Span* span : *found) offsets.push_back(span->place.offset);
    return offsets;
  }

  static store::Window window_of(std::int64_t from, std::int64_t to) {
    return {kBegin + from * kSecond, kBegin + to * kSecond};
  }

  std::mt19937 dice_{7};
  std::filesystem::path folder_;
  std::unique_ptr<store::SqliteStore> store_;
  store::SpanQuery query_;
};

TEST_F(SpanTimelineTest, GivesEachOfManyWindowsWhatTheStoreWould) {
  for (int round = 0; round < 50; ++round) {
    SpanTimeline timeline{*store_, query_};
    std::int64_t to = 110;
    for (int step = 0; step < 20; ++step) {
      // Mostly a little older, now and then far away, also newer; or with the same end.
      to = dice_() % 8 == 0 ? static_cast<std::int64_t>(dice_() % 110)
                            : to - static_cast<std::int64_t>(dice_() % 4);
      const store::Window window = window_of(to - static_cast<std::int64_t>(dice_() % 60), to);
      const std::size_t most = 1 + dice_() % 80;
      ASSERT_EQ(in(timeline, window, most), in_store(window, most)) << round << ", " << step;
    }
  }
}

TEST_F(SpanTimelineTest, ReadsNothingTwice) {
  SpanTimeline timeline{*store_, query_};
  const std::vector<std::int64_t> before = in(timeline, window_of(0, 100), 1'000);
  EXPECT_EQ(before.size(), 400U);
  store::Batch batch;
  batch.spans.push_back(span_of(1'000, 50));
  ASSERT_TRUE(store_->insert(batch));
  EXPECT_EQ(in(timeline, window_of(10, 100), 1'000).size(), in_store(window_of(10, 100), 1'000).size() - 1);
}

}  // namespace
}  // namespace waybill::server
