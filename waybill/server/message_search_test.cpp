#include "waybill/server/message_search.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <set>
#include <sstream>
#include <string>

#include "waybill/analysis/loss_books.h"
#include "waybill/analysis/message_way.h"
#include "waybill/store/sqlite_store.h"

namespace waybill::server {
namespace {

using evidence::Operation;
using evidence::Span;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::uint64_t kMessages = 3'000;  // in forty minutes
const std::int64_t kNow =
    std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();

std::int64_t sent_ns(std::uint64_t number) {
  return kNow - 40 * kMinute +
         static_cast<std::int64_t>(number) * 40 * kMinute / static_cast<std::int64_t>(kMessages);
}

// A trace for each message, in which `number` is the trace and `id` the span.
Span span_of(std::uint64_t number, std::uint8_t id, Operation operation) {
  Span span;
  for (std::size_t at = 0; at < 8; ++at)
    span.trace_id.bytes[at] = static_cast<std::uint8_t>((number + 1) >> (8 * at));
  span.span_id.bytes[0] = id;
  span.operation = operation;
  span.start_ns = sent_ns(number) + id * kSecond / 10;
  span.end_ns = span.start_ns + kSecond / 20;
  span.place = {"orders", static_cast<std::int32_t>(number % 2), static_cast<std::int64_t>(number / 2)};
  return span;
}

Span send_of(std::uint64_t number) {
  Span span = span_of(number, 1, Operation::kSend);
  span.service = "shop";
  span.failed = number % 100 == 1;
  if (span.failed) {
    span.error_type = "_MSG_TIMED_OUT";
    span.place.offset = -1;
  }
  return span;
}

Span process_of(std::uint64_t number, std::uint8_t id, const std::string& group) {
  Span span = span_of(number, id, Operation::kProcess);
  span.parent_id = span_of(number, 1, Operation::kSend).span_id;
  span.service = group;
  span.client_id = group + "-client";
  span.group = group;
  span.messages = 1;
  return span;
}

evidence::MetricPoint consumed_by(const std::string& group, int minute, double count) {
  evidence::MetricPoint point;
  point.series.metric = "messaging.client.consumed.messages";
  point.series.kind = evidence::MetricKind::kCumulativeSum;
  point.series.service = group;
  point.series.topic = "orders";
  point.series.group = group;
  point.start_ns = kNow - 41 * kMinute;
  point.time_ns = kNow - 40 * kMinute + minute * kMinute;
  point.value = count;
  return point;
}

// "billing" gets all but a seventh, "audit" one of fifty; of "search" there are metrics alone.
store::Batch traffic() {
  store::Batch batch;
  for (std::uint64_t number = 0; number < kMessages; ++number) {
    batch.spans.push_back(send_of(number));
    if (batch.spans.back().failed) continue;
    if (number % 7 != 0) batch.spans.push_back(process_of(number, 2, "billing"));
    if (number % 50 == 0) batch.spans.push_back(process_of(number, 3, "audit"));
  }
  for (int minute = 1; minute <= 39; ++minute)
    for (const char* group : {"billing", "audit", "search"})
      batch.points.push_back(consumed_by(group, minute, minute * 64));
  batch.points.push_back(consumed_by("search", 39, 5));
  batch.points.back().series.metric = "kafka.consumer.lag";
  batch.points.back().series.kind = evidence::MetricKind::kGauge;
  return batch;
}

class MessageSearchTest : public ::testing::Test {
 protected:
  MessageSearchTest() {
    std::string name = (std::filesystem::temp_directory_path() / "waybill-search-XXXXXX").string();
    store::SqliteStoreConfig config;
    config.folder = folder_ = mkdtemp(name.data());
    config.spans_in_a_volume = 2'000;
    auto store = store::SqliteStore::open(config);
    EXPECT_TRUE(store) << store.error().message;
    store_ = std::move(*store);
    flow_ = std::make_unique<FlowMinutes>(*store_, FlowMinutes::Limits{});
    const store::Batch batch = traffic();
    for (std::size_t at = 0; at < batch.spans.size(); at += 1'000) {
      const auto begin = batch.spans.begin() + static_cast<std::ptrdiff_t>(at);
      const auto end =
          batch.spans.begin() + static_cast<std::ptrdiff_t>(std::min(at + 1'000, batch.spans.size()));
      EXPECT_TRUE(store_->insert({{begin, end}, {}, {}}));
    }
    EXPECT_TRUE(store_->insert({{}, {}, batch.points}));
    flow_->add(batch.spans, kNow);
    sources_ = std::make_unique<Sources>(
        Sources{*store_, *flow_, brokers_, groups_, [] { return Received{}; }, [] { return kNow; }});
  }
  ~MessageSearchTest() override {
    sources_.reset();
    flow_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  // All that was found, as text.
  static std::string found_by(MessageSearch& search, std::uint64_t number) {
    const Span sent = send_of(number);
    const auto found = search.find(sent.place, analysis::ref_of(sent), false);
    EXPECT_TRUE(found);
    std::set<std::string> spans;  // one that stands twice counts once
    for (const Span& span : found->spans)
      spans.insert(std::to_string(span.start_ns) + ' ' + span.group + std::to_string(span.place.offset));
    std::ostringstream text;
    for (const std::string& span : spans) text << span << '\n';
    for (const analysis::GroupEvidence& group : found->groups) {
      const analysis::Coverage& of = group.coverage;
      text << group.group << ": " << of.from_ns << ' ' << of.until_ns << ' ' << of.counted.value_or(-1) << ' '
           << of.traced << '\n';
    }
    for (const analysis::NamedLoss& loss : analysis::losses_of(analysis::explain(*found)))
      text << loss.group << ' ' << loss.verdict.text << '\n';
    return text.str();
  }

  std::filesystem::path folder_;
  BrokerView brokers_{{}};
  GroupWatch groups_{brokers_};
  std::unique_ptr<store::SqliteStore> store_;
  std::unique_ptr<FlowMinutes> flow_;
  std::unique_ptr<Sources> sources_;
};

TEST_F(MessageSearchTest, FindsOfEachOfManyMessagesWhatItFindsOfItAlone) {
  MessageSearch of_all{*sources_, kNow, kNow - 40 * kMinute};
  MessageSearch of_all_without_a_begin{*sources_, kNow};
  // Failed ones first, then the others, each from the newest on, as the question about losses has it.
  for (const std::uint64_t first : {kMessages - 99, kMessages - 4}) {
    for (std::uint64_t number = first; number >= 200; number -= 200) {
      MessageSearch alone{*sources_, kNow};
      const std::string wanted = found_by(alone, number);
      ASSERT_NE(wanted.find("billing: "), std::string::npos) << wanted;
      ASSERT_NE(wanted.find("search: "), std::string::npos) << wanted;
      ASSERT_EQ(found_by(of_all, number), wanted) << number;
      ASSERT_EQ(found_by(of_all_without_a_begin, number), wanted) << number;
    }
  }
}

}  // namespace
}  // namespace waybill::server
