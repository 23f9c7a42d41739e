#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "waybill/segment/reader.h"
#include "waybill/segment/testing/one_buffer.h"
#include "waybill/segment/writer.h"

namespace waybill::segment {
namespace {

// A runtime directory with one segment in it, and both ends of that segment.
class SegmentTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/waybill-segment-XXXXXX";
    path_ = mkdtemp(name);
    directory_ = open(path_.c_str(), O_RDONLY | O_DIRECTORY);
  }
  void TearDown() override {
    close(directory_);
    std::filesystem::remove_all(path_);
  }

  base::Failure create(std::uint64_t size = kMinSegmentSize) {
    const std::string environment = std::string{"OTEL_SERVICE_NAME=orders"} + '\0';
    return writer_->create(directory_, size, {.program = "shop", .environment = environment});
  }

  std::filesystem::path file() const {
    return std::filesystem::directory_iterator { path_ } -> path();
  }

  ReadProblem open_reader() { return reader_.open(open(file().c_str(), O_RDWR)); }

  // Appends a SendEnded that carries `number`.
  bool append(std::uint64_t number) {
    SendEnded record{};
    record.message = number;
    return writer_->append(RecordKind::kSendEnded, record);
  }

  std::vector<std::uint64_t> drain() {
    std::vector<std::uint64_t> numbers;
    testing::OneBuffer buffer;
    reader_.drain(buffer, problem_, [&](const RecordView& record) {
      SendEnded copy{};
      ASSERT_EQ(record.bytes.size(), sizeof copy);
      std::memcpy(&copy, record.bytes.data(), sizeof copy);
      numbers.push_back(copy.message);
    });
    return numbers;
  }

  std::string path_;
  int directory_ = -1;
  std::unique_ptr<Writer> writer_ = std::make_unique<Writer>();
  Reader reader_;
  ReadProblem problem_ = ReadProblem::kNone;
};

TEST_F(SegmentTest, IsAFileThatOnlyItsOwnerMayRead) {
  ASSERT_EQ(create(), base::Failure::kNone);
  struct stat facts {};
  ASSERT_EQ(stat(file().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
  EXPECT_EQ(file().extension(), kSegmentSuffix);
}

TEST_F(SegmentTest, TellsTheReaderWhoTheHostIs) {
  ASSERT_EQ(create(), base::Failure::kNone);
  ASSERT_EQ(open_reader(), ReadProblem::kNone);
  EXPECT_EQ(reader_.host().pid, getpid());
  EXPECT_STREQ(reader_.host().program, "shop");
  EXPECT_NE(reader_.host().pid_start_ticks, 0U);
  std::vector<char> text(kEnvironmentSize);
  EXPECT_EQ(reader_.environment(text), std::string{"OTEL_SERVICE_NAME=orders"} + '\0');
}

TEST_F(SegmentTest, IsLockedUntilItsHostIsGoneThoughTheHostKeepsNoDescriptor) {
  ASSERT_EQ(create(), base::Failure::kNone);
  ASSERT_EQ(open_reader(), ReadProblem::kNone);
  EXPECT_EQ(reader_.host_holds_lock(), true);
  std::filesystem::remove(file());

  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t host = fork();
  if (host == 0) {
    setpgid(0, 0);
    const bool made =
        std::make_unique<Writer>().release()->create(
            directory_, kMinSegmentSize, {.program = "child", .environment = {}}) == base::Failure::kNone;
    // A child of its own, which lives on, does not keep the lock.
    if (fork() == 0) {
      for (;;) pause();
    }
    [[maybe_unused]] const ssize_t ignored = write(ready[1], &made, 1);
    for (;;) pause();
  }
  bool made = false;
  ASSERT_EQ(read(ready[0], &made, 1), 1);
  ASSERT_TRUE(made);
  Reader reader;
  ASSERT_EQ(reader.open(open(file().c_str(), O_RDWR)), ReadProblem::kNone);
  EXPECT_EQ(reader.host_holds_lock(), true);
  kill(host, SIGKILL);
  siginfo_t ended;
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(host), &ended, WEXITED | WNOWAIT), 0);
  EXPECT_EQ(reader.host_holds_lock(), false);  // before anybody has waited for it
  kill(-host, SIGKILL);
  waitpid(host, nullptr, 0);
  close(ready[0]);
  close(ready[1]);
}

// The pipe tells when the child has made its segment; then it waits for the test to close its input, as
// itself or as another program.
TEST_F(SegmentTest, IsLockedUntilItsHostIsAnotherProgramThoughTheProcessLives) {
  int made[2];
  int input[2];
  ASSERT_EQ(pipe2(made, O_CLOEXEC), 0);
  ASSERT_EQ(pipe2(input, O_CLOEXEC), 0);
  const pid_t host = fork();
  if (host == 0) {
    close(input[1]);
    char go = create() == base::Failure::kNone ? 1 : 0;
    if (write(made[1], &go, 1) != 1 || read(input[0], &go, 1) != 1) _exit(1);
    dup2(input[0], STDIN_FILENO);
    execl("/bin/cat", "cat", nullptr);
    _exit(1);
  }
  char go = 0;
  ASSERT_EQ(read(made[0], &go, 1), 1);
  ASSERT_EQ(go, 1);
  ASSERT_EQ(open_reader(), ReadProblem::kNone);
  EXPECT_EQ(reader_.host_holds_lock(), true);
  ASSERT_EQ(write(input[1], &go, 1), 1);
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (*reader_.host_holds_lock() && std::chrono::steady_clock::now() < give_up) std::this_thread::yield();
  EXPECT_EQ(reader_.host_holds_lock(), false);
  EXPECT_EQ(waitpid(host, nullptr, WNOHANG), 0);
  close(input[1]);
  int status = -1;
  EXPECT_EQ(waitpid(host, &status, 0), host);
  EXPECT_EQ(status, 0);
  for (const int end : {made[0], made[1], input[0]}) close(end);
}

TEST_F(SegmentTest, IsGivenUpThoughItsHostLivesAndThoughAThreadMayStillWrite) {
  ASSERT_EQ(create(), base::Failure::kNone);
  ASSERT_EQ(open_reader(), ReadProblem::kNone);
  ASSERT_TRUE(append(1));
  const std::uint32_t topic = writer_->define(DefinitionKind::kTopic, "orders");
  ASSERT_TRUE(writer_->abandon());
  EXPECT_EQ(reader_.host_holds_lock(), false);
  append(2);
  writer_->count(HostCounter::kSendStartsDropped);
  EXPECT_FALSE(writer_->is_definition(topic, DefinitionKind::kTopic, "orders"));
  writer_->define(DefinitionKind::kTopic, "orders");
  PackedSettings settings;
  EXPECT_FALSE(writer_->published_settings(settings));
  EXPECT_EQ(writer_->heartbeat_ns(), 0U);
  EXPECT_EQ(drain(), std::vector<std::uint64_t>{1});
}

TEST_F(SegmentTest, GivesRecordsInTheOrderOfWritingOnceEach) {
  ASSERT_EQ(create(), base::Failure::kNone);
  ASSERT_EQ(open_reader(), ReadProblem::kNone);
  for (std::uint64_t number = 0; number < 5; ++number) ASSERT_TRUE(append(number));
  EXPECT_EQ(drain(), (std::vector<std::uint64_t>{0, 1, 2, 3, 4}));
  EXPECT_TRUE(drain().empty());
  ASSERT_TRUE(append(5));
  EXPECT_EQ(drain(), std::vector<std::uint64_t>{5});
}

TEST_F(SegmentTest, GoesOnWithTheChunkAtWhichItHadNoRoomToReadInto) {
  struct OneChunk : testing::OneBuffer {
    std::span<std::uint8_t> room(std::size_t size) {
      return std::exchange(used, true) ? std::span<std::uint8_t>{} : OneBuffer::room(size);
    }
    bool used = false;
  };
  ASSERT_EQ(create(), base::Failure::kNone);
  ASSERT_EQ(open_reader(), ReadProblem::kNone);
  std::uint64_t written = 0;
  while (append(written)) ++written;
  std::vector<std::uint64_t> first_of_chunks;
  std::size_t drains = 0;
  do {
    OneChunk store;
    bool first = true;
    reader_.drain(store, problem_, [&](const RecordView& record) {
      SendEnded copy{};
      std::memcpy(&copy, record.bytes.data(), sizeof copy);
      if (std::exchange(first, false)) first_of_chunks.push_back(copy.message);
    });
    ++drains;
    while (append(written)) ++written;  // into the chunks at the begin, which are free again
  } while (!reader_.pass_is_over());
  EXPECT_EQ(drains, reader_.chunk_count());
  EXPECT_EQ(first_of_chunks.size(), reader_.chunk_count());
  EXPECT_TRUE(std::is_sorted(first_of_chunks.begin(), first_of_chunks.end()));
}

TEST_F(SegmentTest, RefusesARecordWhenNoChunkIsFreeAndGoesOnWhenTheReaderGaveRoomBack) {
  ASSERT_EQ(create(), base::Failure::kNone);
  ASSERT_EQ(open_reader(), ReadProblem::kNone);
  std::uint64_t written = 0;
  while (append(written)) ++written;
  EXPECT_GE(written * sizeof(SendEnded), reader_.chunk_count() * (kChunkSize - sizeof(SendEnded)));
  EXPECT_FALSE(append(written));
  EXPECT_EQ(drain().size(), written);
  EXPECT_TRUE(append(written));
  EXPECT_EQ(drain(), std::vector<std::uint64_t>{written});
}

TEST_F(SegmentTest, KeepsEveryRecordThroughManyRoundsOfTheChunks) {
  ASSERT_EQ(create(), base::Failure::kNone);
  ASSERT_EQ(open_reader(), ReadProblem::kNone);
  std::vector<std::uint64_t> read;
  for (std::uint64_t number = 0; number < 100'000; ++number) {
    ASSERT_TRUE(append(number));
    if (number % 777 != 0) continue;
    for (const std::uint64_t one : drain()) read.push_back(one);
  }
  for (const std::uint64_t one : drain()) read.push_back(one);
  std::sort(read.begin(), read.end());  // a round reads chunk by chunk: the order holds within a chunk
  ASSERT_EQ(read.size(), 100'000U);
  for (std::uint64_t number = 0; number < read.size(); ++number) ASSERT_EQ(read[number], number);
}

TEST_F(SegmentTest, LosesNothingWhenManyThreadsShareIt) {
  ASSERT_EQ(create(), base::Failure::kNone);
  ASSERT_EQ(open_reader(), ReadProblem::kNone);
  constexpr std::uint64_t kThreads = 8;
  constexpr std::uint64_t kEach = 20'000;
  std::atomic<std::uint64_t> refused = 0;
  std::atomic<std::uint64_t> running = kThreads;
  std::vector<std::jthread> threads;
  for (std::uint64_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (std::uint64_t number = 0; number < kEach; ++number)
        refused += append(thread * kEach + number) ? 0 : 1;
      --running;
    });
  }
  std::vector<bool> seen(kThreads * kEach);
  std::uint64_t read = 0;
  const auto take = [&] {
    for (const std::uint64_t number : drain()) {
      EXPECT_FALSE(seen[number]);
      seen[number] = true;
      ++read;
    }
  };
  while (running != 0) take();
  threads.clear();
  take();
  EXPECT_EQ(read + refused, kThreads * kEach);
  EXPECT_EQ(problem_, ReadProblem::kNone);
}

TEST_F(SegmentTest, DefinesATextOnceAndReadsItBack) {
  ASSERT_EQ(create(), base::Failure::kNone);
  const std::uint32_t orders = writer_->define(DefinitionKind::kTopic, "orders");
  const std::uint32_t payments = writer_->define(DefinitionKind::kTopic, "payments");
  EXPECT_NE(orders, 0U);
  EXPECT_NE(orders, payments);
  EXPECT_EQ(writer_->define(DefinitionKind::kTopic, "orders"), orders);
  EXPECT_NE(writer_->define(DefinitionKind::kBroker, "orders"), orders);
  ASSERT_EQ(open_reader(), ReadProblem::kNone);
  std::vector<char> text(kMaxDefinition);
  EXPECT_EQ(reader_.definition(orders, DefinitionKind::kTopic, text), "orders");
  EXPECT_EQ(reader_.definition(payments, DefinitionKind::kTopic, text), "payments");
  EXPECT_EQ(reader_.definition(orders, DefinitionKind::kBroker, text), "");
  EXPECT_EQ(reader_.definition(0xffff'ffff, DefinitionKind::kTopic, text), "");
}

TEST_F(SegmentTest, CountsDefinitionsThatHaveNoRoom) {
  ASSERT_EQ(create(), base::Failure::kNone);
  const std::string large(1024, 'x');
  std::uint32_t last = 1;
  for (int number = 0; number < 400; ++number)
    last = writer_->define(DefinitionKind::kTopic, large + std::to_string(number));
  EXPECT_EQ(last, 0U);
  ASSERT_EQ(open_reader(), ReadProblem::kNone);
  ASSERT_TRUE(reader_.refresh());
  EXPECT_GT(reader_.host().counters[static_cast<std::size_t>(HostCounter::kDefinitionsDropped)], 0U);
}

PackedSettings packed(const HostSettings& settings) {
  const SettingsWords words = pack(settings);
  return {words.word, words.samplers, 0};
}

TEST(PackedSettingsTest, SayWhatTheSettingsSay) {
  const PackedSettings defaults = packed({});
  EXPECT_TRUE(defaults.enabled() && defaults.record() && defaults.capture_key() && defaults.count());
  EXPECT_FALSE(defaults.record_unsampled() || defaults.replace_existing() || defaults.relation_link() ||
               defaults.has_filters() || defaults.capture_headers() || defaults.count_partitions());
  for (unsigned parent = 0; parent < 5; ++parent)
    EXPECT_EQ(defaults.sampler(parent), HostSettings{}.samplers[parent]) << parent;
  EXPECT_EQ(defaults.propagators(), 0x21);
  const HostSettings settings{.enabled = false,
                              .record = false,
                              .record_unsampled = true,
                              .replace_existing = true,
                              .relation_link = true,
                              .capture_key = false,
                              .count = false,
                              .has_filters = true,
                              .capture_headers = true,
                              .count_partitions = true,
                              .inject = 2,
                              .process = 1,
                              .propagators = 0x4321,
                              .samplers = {5, 4, 3, 2, 1}};
  const PackedSettings others = packed(settings);
  EXPECT_FALSE(others.enabled() || others.record() || others.capture_key() || others.count());
  EXPECT_TRUE(others.record_unsampled() && others.replace_existing() && others.relation_link() &&
              others.has_filters() && others.capture_headers() && others.count_partitions());
  for (unsigned parent = 0; parent < 5; ++parent) EXPECT_EQ(others.sampler(parent), 5 - parent);
  EXPECT_EQ(others.inject(), 2);
  EXPECT_EQ(others.process(), 1);
  EXPECT_EQ(others.propagators(), 0x4321);
}

TEST_F(SegmentTest, NamesOfClientsAndTopicsLeaveRoomForOthers) {
  ASSERT_EQ(create(), base::Failure::kNone);
  const std::string large(1024, 'x');
  const std::uint32_t common = writer_->define_client("common", "common");
  std::uint32_t client = 0;
  for (int number = 0; number < 400; ++number)
    client = writer_->define_client(large + std::to_string(number), "common");
  EXPECT_EQ(client, common);
  EXPECT_NE(writer_->define(DefinitionKind::kTopic, "orders"), 0U);
  for (int number = 0; number < 400; ++number)
    writer_->define(DefinitionKind::kTopic, large + std::to_string(number));
  EXPECT_EQ(writer_->define(DefinitionKind::kTopic, large), 0U);
  EXPECT_NE(writer_->define(DefinitionKind::kBroker, "broker:9092"), 0U);
  EXPECT_NE(writer_->define(DefinitionKind::kError, "_MSG_TIMED_OUT"), 0U);
}

TEST_F(SegmentTest, BringsSettingsAndTheHeartbeatToTheHost) {
  ASSERT_EQ(create(), base::Failure::kNone);
  ASSERT_EQ(open_reader(), ReadProblem::kNone);
  PackedSettings settings;
  EXPECT_FALSE(writer_->published_settings(settings));
  EXPECT_EQ(writer_->heartbeat_ns(), 0U);

  HostSettings wanted;
  wanted.samplers = {2, 0, 1, 0, 3};
  wanted.inject = 1;
  wanted.process = 2;
  wanted.capture_key = false;
  wanted.sampler_arguments = {12345, 0, 0, 0, 6789};
  reader_.publish(wanted);
  reader_.beat(42);
  ASSERT_TRUE(writer_->published_settings(settings));
  EXPECT_EQ(settings.word, pack(wanted).word);
  EXPECT_EQ(settings.samplers, pack(wanted).samplers);
  EXPECT_EQ(writer_->sampler_argument(settings, 0), 12345U);
  EXPECT_EQ(writer_->sampler_argument(settings, 4), 6789U);
  EXPECT_EQ(writer_->heartbeat_ns(), 42U);
}

TopicRule rule_about(std::string_view topic, std::string_view group) {
  TopicRule rule;
  rule.topic_size = static_cast<std::uint8_t>(topic.size());
  rule.group_size = static_cast<std::uint8_t>(group.size());
  std::copy(topic.begin(), topic.end(), rule.topic);
  std::copy(group.begin(), group.end(), rule.group);
  return rule;
}

TEST_F(SegmentTest, BringsRulesToTheHostAndLeavesThoseThatItReadsAlone) {
  ASSERT_EQ(create(), base::Failure::kNone);
  ASSERT_EQ(open_reader(), ReadProblem::kNone);
  RuleTable rules;
  rules.rule_count = 2;
  rules.rules[0] = rule_about("orders.*", "");
  rules.rules[1] = rule_about(std::string(kMaxPattern, 't'), std::string(kMaxPattern, 'g'));
  rules.rules[1].argument = 77;
  reader_.publish({}, rules);
  PackedSettings first;
  ASSERT_TRUE(writer_->published_settings(first));
  rules.rules[0] = rule_about("payments", "");
  reader_.publish({}, rules);

  // What was published before still stands there, and is told not to be current.
  EXPECT_FALSE(writer_->is_current(first));
  EXPECT_EQ(copy_of(writer_->rule_table(first).rules[0]).topic_pattern(), "orders.*");
  PackedSettings second;
  ASSERT_TRUE(writer_->published_settings(second));
  EXPECT_TRUE(writer_->is_current(second));
  EXPECT_EQ(copy_of(writer_->rule_table(second).rules[0]).topic_pattern(), "payments");
  const TopicRule longest = copy_of(writer_->rule_table(second).rules[1]);
  EXPECT_EQ(longest.topic_pattern(), std::string(kMaxPattern, 't'));
  EXPECT_EQ(longest.group_pattern(), std::string(kMaxPattern, 'g'));
  EXPECT_EQ(longest.argument, 77U);
}

TEST(RuleTableTest, CopiesNoMoreThanARuleHolds) {
  TopicRule damaged;
  damaged.topic_size = damaged.group_size = 255;
  EXPECT_EQ(copy_of(damaged).topic_pattern().size(), kMaxPattern);
  EXPECT_EQ(copy_of(damaged).group_pattern().size(), kMaxPattern);
  HeaderRule header;
  header.name_size = 255;
  EXPECT_EQ(copy_of(header).name_pattern().size(), kMaxHeaderPattern);
}

TEST_F(SegmentTest, StaysOffWhenTheFileSizeLimitIsTooLow) {
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit low = before;
  low.rlim_cur = 4096;
  setrlimit(RLIMIT_FSIZE, &low);
  EXPECT_EQ(create(), base::Failure::kFileSizeLimit);
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_TRUE(std::filesystem::is_empty(path_));
}

TEST_F(SegmentTest, SurvivesAHostThatCutsItsFileOff) {
  ASSERT_EQ(create(), base::Failure::kNone);
  ASSERT_EQ(open_reader(), ReadProblem::kNone);
  ASSERT_TRUE(append(1));
  std::filesystem::resize_file(file(), 0);
  EXPECT_TRUE(drain().empty());
  EXPECT_EQ(problem_, ReadProblem::kCannotRead);
  EXPECT_FALSE(reader_.refresh());
}

TEST_F(SegmentTest, RefusesAFileThatContradictsItself) {
  ASSERT_EQ(create(), base::Failure::kNone);
  const int raw = open(file().c_str(), O_RDWR);
  const std::uint32_t chunks = 1'000'000;
  ASSERT_EQ(pwrite(raw, &chunks, sizeof chunks, offsetof(HostPage, chunk_count)),
            static_cast<ssize_t>(sizeof chunks));
  close(raw);
  EXPECT_EQ(open_reader(), ReadProblem::kSizesDisagree);
}

TEST_F(SegmentTest, ReadsSegmentsWithRandomDamageWithoutHarm) {
  std::mt19937_64 random{20261124};
  ASSERT_EQ(create(), base::Failure::kNone);
  for (std::uint64_t number = 0; number < 3'000; ++number) ASSERT_TRUE(append(number));
  const Layout layout = Layout::for_size(kMinSegmentSize);
  const int raw = open(file().c_str(), O_RDWR);
  testing::OneBuffer buffer;
  std::size_t damaged = 0;
  for (int round = 0; round < 400; ++round) {
    const std::size_t where =
        round % 2 == 0 ? layout.chunks + random() % 120'000 : layout.host_chunks + random() % 1'024;
    const std::uint64_t noise = random();
    ASSERT_EQ(pwrite(raw, &noise, sizeof noise, static_cast<off_t>(where)),
              static_cast<ssize_t>(sizeof noise));
    Reader reader;
    if (reader.open(open(file().c_str(), O_RDWR)) != ReadProblem::kNone) continue;
    ReadProblem problem = ReadProblem::kNone;
    reader.drain(buffer, problem,
                 [](const RecordView& record) { ASSERT_LE(record.bytes.size(), kMaxRecord); });
    damaged += problem != ReadProblem::kNone ? 1 : 0;
  }
  close(raw);
  EXPECT_GT(damaged, 0U);
}

}  // namespace
}  // namespace waybill::segment
