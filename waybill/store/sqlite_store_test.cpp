#include "waybill/store/sqlite_store.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>

namespace waybill::store {
namespace {

using evidence::Operation;
using evidence::Span;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::int64_t kSecond = 1'000'000'000;
// The store looks at the machine's clock for what is too old, so times are today's.
const std::int64_t kNow =
    std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();

template <typename Id>
Id id_of(std::uint64_t number) {
  Id id;
  for (std::uint8_t& byte : id.bytes) {
    byte = static_cast<std::uint8_t>(number & 255U);
    number = number >> 8U;
  }
  id.bytes.back() = 1;
  return id;
}

Span span_of(std::uint64_t number, std::int64_t start_ns = kNow) {
  Span span;
  span.trace_id = id_of<context::TraceId>(number);
  span.span_id = id_of<context::SpanId>(number);
  span.start_ns = start_ns;
  span.end_ns = start_ns + 5;
  span.name = "send orders";
  span.service = "orders";
  span.operation = Operation::kSend;
  span.place = {"orders", 3, static_cast<std::int64_t>(number)};
  span.body = "body";
  span.resource = "resource";
  return span;
}

// A folder that goes with the test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "waybill-store-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class SqliteStoreTest : public ::testing::Test {
 protected:
  std::unique_ptr<SqliteStore> open() {
    config_.folder = folder_.path() / "store";
    auto store = SqliteStore::open(config_);
    EXPECT_TRUE(store) << store.error().message;
    return std::move(*store);
  }
  static void insert(Store& store, std::vector<Span> spans) {
    const auto done = store.insert({std::move(spans), {}, {}});
    ASSERT_TRUE(done) << done.error().message;
  }
  Folder folder_;
  SqliteStoreConfig config_;
};

TEST_F(SqliteStoreTest, GivesBackAllThatASpanHas) {
  Span span = span_of(1);
  span.parent_id = id_of<context::SpanId>(9);
  span.kind = evidence::SpanKind::kProducer;
  span.failed = true;
  span.error_type = "_MSG_TIMED_OUT";
  span.instance = "one";
  span.group = "billing";
  span.client_id = "c";
  span.key = "";
  span.messages = 7;
  span.acks = -1;
  span.persistence = evidence::Persistence::kPossiblyPersisted;
  span.queue_ms = 1.5;
  span.age_ms = 0;
  span.outcome = "committed";
  span.unfinished = true;
  span.adjusted_count = 4;
  span.links = {{id_of<context::TraceId>(5), id_of<context::SpanId>(6), {"payments", 0, 0}},
                {id_of<context::TraceId>(7), id_of<context::SpanId>(8), {}}};
  const auto store = open();
  insert(*store, {span});
  const auto found = store->spans_of(span.trace_id, 10);
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->size(), 1U);
  const Span& same = found->front();
  EXPECT_EQ(same.parent_id, span.parent_id);
  EXPECT_EQ(same.start_ns, span.start_ns);
  EXPECT_EQ(same.end_ns, span.end_ns);
  EXPECT_EQ(same.kind, span.kind);
  EXPECT_EQ(same.operation, span.operation);
  EXPECT_TRUE(same.failed);
  EXPECT_EQ(same.error_type, span.error_type);
  EXPECT_EQ(same.name, span.name);
  EXPECT_EQ(same.service, span.service);
  EXPECT_EQ(same.instance, span.instance);
  EXPECT_EQ(same.place, span.place);
  EXPECT_EQ(same.group, span.group);
  EXPECT_EQ(same.client_id, span.client_id);
  EXPECT_EQ(same.key, "");
  EXPECT_EQ(same.messages, 7U);
  EXPECT_EQ(same.acks, -1);
  EXPECT_EQ(same.persistence, span.persistence);
  EXPECT_EQ(same.queue_ms, 1.5);
  EXPECT_FALSE(same.broker_ms);
  EXPECT_EQ(same.age_ms, 0);
  EXPECT_EQ(same.outcome, "committed");
  EXPECT_TRUE(same.unfinished);
  EXPECT_EQ(same.adjusted_count, 4);
  ASSERT_EQ(same.links.size(), 2U);
  EXPECT_EQ(same.links[0].place, span.links[0].place);
  EXPECT_EQ(same.links[1].span_id, span.links[1].span_id);
  EXPECT_EQ(same.links[1].place, evidence::Place{});
  EXPECT_EQ(same.body, "body");
  EXPECT_EQ(same.resource, "resource");
}

TEST_F(SqliteStoreTest, FindsSpansByWhereTheyLeadAndByWhereTheyAre) {
  Span batch = span_of(2);
  batch.operation = Operation::kProcess;
  batch.place = {"orders", -1, -1};
  batch.links = {{id_of<context::TraceId>(1), id_of<context::SpanId>(1), {"orders", 3, 1}}};
  const auto store = open();
  insert(*store, {span_of(1), batch, span_of(3)});
  const auto linking = store->spans_linking_to(id_of<context::TraceId>(1), 10);
  ASSERT_TRUE(linking);
  ASSERT_EQ(linking->size(), 1U);
  EXPECT_EQ(linking->front().span_id, batch.span_id);
  const auto there = store->spans_at({"orders", 3, 1}, 10);
  ASSERT_TRUE(there);
  EXPECT_EQ(there->size(), 2U);
  EXPECT_TRUE(store->spans_at({"nowhere", 3, 1}, 10)->empty());
}

TEST_F(SqliteStoreTest, PassesOverASpanThatComesTwice) {
  const auto store = open();
  insert(*store, {span_of(1)});
  const auto are_new = store->insert({{span_of(1), span_of(2), span_of(2)}, {}, {}});
  ASSERT_TRUE(are_new);
  EXPECT_EQ(*are_new, (std::vector<bool>{false, true, false}));
  EXPECT_EQ(store->status().spans, 2U);
  EXPECT_EQ(store->spans_of(span_of(1).trace_id, 10)->size(), 1U);
}

TEST_F(SqliteStoreTest, ShowsASpanOnceThatCameAgainAfterTheNextVolumeWasBegun) {
  config_.spans_in_a_volume = 1;
  const auto store = open();
  insert(*store, {span_of(1)});
  insert(*store, {span_of(2)});
  insert(*store, {span_of(1)});
  EXPECT_EQ(store->spans_of(span_of(1).trace_id, 10)->size(), 1U);
}

TEST_F(SqliteStoreTest, TakesOldTelemetryIntoOneVolume) {
  const auto store = open();
  for (std::uint64_t number = 1; number <= 20; ++number)
    insert(*store, {span_of(number, kNow - 12 * 3600 * kSecond)});
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator{config_.folder})
    files += entry.path().extension() == ".sqlite" ? 1 : 0;
  EXPECT_EQ(files, 1U);
}

TEST_F(SqliteStoreTest, MakesAVolumeAgainThatWasNotMadeToItsEnd) {
  config_.folder = folder_.path() / "store";
  std::filesystem::create_directories(config_.folder);
  // What a process leaves that is killed between its first two steps.
  SQLite::Database{(config_.folder / "0000000001.sqlite").string(),
                   SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE}
      .exec("PRAGMA journal_mode=WAL");
  const auto store = open();
  insert(*store, {span_of(1)});
  EXPECT_EQ(store->status().spans, 1U);
}

TEST_F(SqliteStoreTest, GoesOnAfterTheDiskWasFull) {
  const auto store = open();
  insert(*store, {span_of(1)});
  const auto limit_files = [](rlim_t bytes) {
    rlimit limit{};
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = std::min(bytes, limit.rlim_max);
    setrlimit(RLIMIT_FSIZE, &limit);
  };
  const auto before = signal(SIGXFSZ, SIG_IGN);
  limit_files(1'000'000);
  Span large = span_of(2);
  large.body.assign(4'000'000, 'x');
  const auto refused = store->insert({{large}, {}, {}});
  limit_files(RLIM_INFINITY);
  signal(SIGXFSZ, before);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("store: "));
  EXPECT_EQ(store->status().spans, 1U);
  insert(*store, {large});
  EXPECT_EQ(store->status().spans, 2U);
  EXPECT_EQ(store->spans_of(span_of(1).trace_id, 10)->size(), 1U);
}

TEST_F(SqliteStoreTest, SearchesByEachConditionNewestFirst) {
  Span keyed = span_of(1, kNow - 3 * kSecond);
  keyed.key = "k";
  Span failed = span_of(2, kNow - 2 * kSecond);
  failed.failed = true;
  Span other = span_of(3, kNow - kSecond);
  other.place.topic = "payments";
  other.service = "billing";
  other.group = "g";
  other.operation = Operation::kProcess;
  const auto store = open();
  insert(*store, {keyed, failed, other});
  const auto found = [&](const SpanQuery& query) {
    std::vector<std::int64_t> offsets;
    const auto result = store->search(query);
    EXPECT_TRUE(result) << result.error().message;
    for (const Span& span : result->spans) offsets.push_back(span.place.offset);
    return offsets;
  };
  using Offsets = std::vector<std::int64_t>;
  EXPECT_EQ(found({}), (Offsets{3, 2, 1}));
  EXPECT_EQ(found({.place = {"orders", -1, -1}}), (Offsets{2, 1}));
  EXPECT_EQ(found({.place = {"orders", 3, 1}}), (Offsets{1}));
  EXPECT_EQ(found({.place = {"orders", 4, -1}}), (Offsets{}));
  EXPECT_EQ(found({.place = {"orders", -1, -1}, .key = "k", .has_key = true}), (Offsets{1}));
  EXPECT_EQ(found({.key = "k", .has_key = true}), (Offsets{1}));
  EXPECT_EQ(found({.service = "billing"}), (Offsets{3}));
  EXPECT_EQ(found({.group = "g"}), (Offsets{3}));
  EXPECT_EQ(found({.only_failed = true}), (Offsets{2}));
  EXPECT_EQ(found({.operations = {Operation::kSend, Operation::kCreate}}), (Offsets{2, 1}));
  EXPECT_EQ(found({.window = {kNow - 2 * kSecond, kNow - 2 * kSecond}}), (Offsets{2}));
  EXPECT_EQ(found({.service = "unheard of"}), (Offsets{}));
}

TEST_F(SqliteStoreTest, GoesOnWhereAPageEnded) {
  config_.spans_in_a_volume = 10;
  const auto store = open();
  for (std::uint64_t number = 1; number <= 35; ++number)
    insert(*store, {span_of(number, kNow + static_cast<std::int64_t>(number / 7))});
  std::vector<std::int64_t> offsets;
  SpanQuery query{.most = 4};
  while (true) {
    const auto found = store->search(query);
    ASSERT_TRUE(found);
    for (const Span& span : found->spans) offsets.push_back(span.place.offset);
    if (found->spans.size() < query.most) break;
    query.before = found->next;
  }
  ASSERT_EQ(offsets.size(), 35U);
  EXPECT_TRUE(std::is_sorted(offsets.rbegin(), offsets.rend()));
}

// Volumes that lie apart in time, and one whose spans came late and lie between.
TEST_F(SqliteStoreTest, FindsTheNewestInWhicheverVolumeTheyAre) {
  config_.spans_in_a_volume = 3;
  const auto store = open();
  std::uint64_t number = 0;
  for (const std::int64_t second : {0, 1, 2, 20, 21, 22, 10, 11, 21})
    insert(*store, {span_of(++number, kNow + second * kSecond)});
  const auto starts = [&](std::size_t most) {
    const auto found = store->search({.most = most});
    EXPECT_TRUE(found) << found.error().message;
    std::vector<std::int64_t> seconds;
    for (const Span& span : found->spans) seconds.push_back((span.start_ns - kNow) / kSecond);
    return seconds;
  };
  EXPECT_THAT(starts(1), ElementsAre(22));
  EXPECT_THAT(starts(2), ElementsAre(22, 21));
  EXPECT_THAT(starts(3), ElementsAre(22, 21, 21));
  EXPECT_THAT(starts(7), ElementsAre(22, 21, 21, 20, 11, 10, 2));
}

TEST_F(SqliteStoreTest, FindsOneOfManyByPlaceKeyOrFailure) {
  const auto store = open();
  std::vector<Span> spans;
  for (std::uint64_t number = 0; number < 100; ++number) {
    Span span = span_of(number);
    span.place.topic = number % 2 == 0 ? "orders" : "payments";
    span.key = std::to_string(number / 10);
    span.failed = number == 40 || number == 41;
    // It names the place of another, and is none of that one's own spans.
    if (number == 50) span.links = {{id_of<context::TraceId>(10), {}, {"orders", 3, 10}}};
    spans.push_back(span);
  }
  insert(*store, std::move(spans));
  const auto count = [&](const SpanQuery& query) {
    const auto found = store->search(query);
    EXPECT_TRUE(found) << found.error().message;
    return found->spans.size();
  };
  EXPECT_EQ(count({.place = {"orders", 3, 10}}), 1U);
  EXPECT_EQ(count({.place = {"orders", 3, 11}}), 0U);
  EXPECT_EQ(count({.place = {"orders", -1, 10}}), 1U);
  EXPECT_EQ(count({.key = "4", .has_key = true}), 10U);
  EXPECT_EQ(count({.place = {.topic = "orders"}, .key = "4", .has_key = true}), 5U);
  EXPECT_EQ(count({.place = {.topic = "orders"}, .only_failed = true}), 1U);
  EXPECT_EQ(count({.only_failed = true}), 2U);
}

TEST_F(SqliteStoreTest, GivesUpWhatTakesTooLong) {
  Batch batch;
  for (std::uint64_t number = 1; number <= 5'000; ++number) batch.spans.push_back(span_of(number));
  config_.longest_read = std::chrono::milliseconds{0};
  const auto store = open();
  ASSERT_TRUE(store->insert(batch));
  const auto found = store->search({.operations = {Operation::kProcess}});  // there is none
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr("takes more than 0 ms"));
}

TEST_F(SqliteStoreTest, KeepsLogRecordsPointsAndNames) {
  evidence::LogRecord record{.time_ns = kNow, .severity = 17, .event_name = "e", .service = "billing"};
  record.trace_id = id_of<context::TraceId>(1);
  record.span_id = id_of<context::SpanId>(2);
  record.text = "no such customer";
  evidence::MetricPoint lag{
      .series = {.metric = "kafka.consumer.lag", .topic = "orders", .partition = 3, .group = "g"},
      .time_ns = kNow,
      .value = 7};
  evidence::MetricPoint later = lag;
  later.time_ns += kSecond;
  evidence::MetricPoint time{
      .series = {.metric = "time", .kind = evidence::MetricKind::kDeltaHistogram, .service = "s"},
      .time_ns = kNow,
      .value = 0.5,
      .count = 3};
  time.bounds = {1};
  time.buckets = {2, 1};
  const auto store = open();
  ASSERT_TRUE(store->insert({{span_of(1)}, {record}, {later, lag, time}}));
  const auto records = store->log_records_of(record.trace_id, 10);
  ASSERT_EQ(records->size(), 1U);
  EXPECT_EQ(records->front().text, "no such customer");
  EXPECT_EQ(records->front().span_id, record.span_id);
  const auto points = store->points({.metrics = {"kafka.consumer.lag"}, .group = "g"}, 10);
  ASSERT_EQ(points->size(), 2U);
  EXPECT_EQ(points->at(0).time_ns, kNow);
  EXPECT_EQ(points->at(0).series, lag.series);
  EXPECT_EQ(store->points({.metrics = {"kafka.consumer.lag"}, .topic = "payments"}, 10)->size(), 0U);
  const auto histograms = store->points({.metrics = {"time"}}, 10);
  ASSERT_EQ(histograms->size(), 1U);
  EXPECT_EQ(histograms->front().buckets, time.buckets);
  EXPECT_EQ(histograms->front().bounds, time.bounds);
  EXPECT_EQ(*store->names(Store::NameKind::kTopic, "", 10), std::vector<std::string>{"orders"});
  EXPECT_EQ(*store->names(Store::NameKind::kService, "", 10), (std::vector<std::string>{"orders", "s"}));
  EXPECT_EQ(*store->names(Store::NameKind::kGroup, "x", 10), std::vector<std::string>{});
}

TEST_F(SqliteStoreTest, IsThereAgainAfterItWasClosed) {
  config_.spans_in_a_volume = 2;
  {
    const auto store = open();
    for (std::uint64_t number = 1; number <= 5; ++number) insert(*store, {span_of(number)});
  }
  const auto store = open();
  EXPECT_EQ(store->status().spans, 5U);
  EXPECT_EQ(store->spans_of(span_of(1).trace_id, 10)->size(), 1U);
  insert(*store, {span_of(5), span_of(6)});
  EXPECT_EQ(store->status().spans, 6U);
}

TEST_F(SqliteStoreTest, ForgetsTheOldestWhenItIsTooLarge) {
  config_.spans_in_a_volume = 100;
  config_.max_bytes = 1'000'000;
  const auto store = open();
  for (std::uint64_t first = 0; first < 5'000; first += 100) {
    std::vector<Span> spans;
    for (std::uint64_t number = first; number < first + 100; ++number) {
      spans.push_back(span_of(number + 1));
      spans.back().body.assign(1'000, 'x');
    }
    insert(*store, std::move(spans));
    store->forget_old(kNow);
  }
  EXPECT_LT(store->status().bytes, 1'300'000U);
  EXPECT_TRUE(store->spans_of(span_of(1).trace_id, 10)->empty());
  EXPECT_EQ(store->spans_of(span_of(5'000).trace_id, 10)->size(), 1U);
}

TEST_F(SqliteStoreTest, ForgetsWhatIsTooOld) {
  config_.spans_in_a_volume = 1;
  config_.max_age = std::chrono::hours{1};
  const auto store = open();
  insert(*store, {span_of(1, kNow - 2 * 3600 * kSecond)});
  insert(*store, {span_of(2)});
  store->forget_old(kNow);
  EXPECT_TRUE(store->spans_of(span_of(1).trace_id, 10)->empty());
  EXPECT_EQ(store->spans_of(span_of(2).trace_id, 10)->size(), 1U);
}

TEST_F(SqliteStoreTest, LetsNoSecondServerIn) {
  const auto store = open();
  const auto second = SqliteStore::open(config_);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("another server uses"));
}

TEST_F(SqliteStoreTest, SaysWhyAFolderCannotBeUsed) {
  config_.folder = "/proc/nowhere";
  EXPECT_THAT(SqliteStore::open(config_).error().message, HasSubstr("/proc/nowhere"));
  config_.folder = folder_.path();
  std::ofstream{folder_.path() / "0000000001.sqlite"}
      << "this is no database, but some text in a file that is long enough";
  const auto opened = SqliteStore::open(config_);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("store: "));
}

TEST_F(SqliteStoreTest, IsWrittenByManyThreadsAndReadMeanwhile) {
  config_.spans_in_a_volume = 500;
  const auto store = open();
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&, thread] {
        for (std::uint64_t number = 0; number < 500; ++number) {
          const Span span = span_of(thread * 1'000 + number + 1);
          ASSERT_TRUE(store->insert({{span}, {}, {}}));
          // What was inserted is found at once.
          ASSERT_EQ(store->spans_of(span.trace_id, 10)->size(), 1U);
        }
      });
    }
  }
  EXPECT_EQ(store->status().spans, 2'000U);
}

}  // namespace
}  // namespace waybill::store
