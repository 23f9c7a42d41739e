#include "waybill/lag/lag_query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka_mock.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "waybill/base/clock.h"
#include "waybill/lag/internal/handle.h"

namespace waybill::lag {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

// librdkafka's mock cluster, with ten messages in partition 0 of "orders".
class MockCluster {
 public:
  MockCluster() {
    std::array<char, 512> text{};
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "test.mock.num.brokers", "1", text.data(), text.size());
    client_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf, text.data(), text.size()));
    rd_kafka_mock_topic_create(mock(), "orders", 1, 1);
    const internal::Topic topic{rd_kafka_topic_new(client_.get(), "orders", nullptr)};
    for (int i = 0; i < 10; ++i)
      rd_kafka_produce(topic.get(), 0, RD_KAFKA_MSG_F_COPY, text.data(), 5, nullptr, 0, nullptr);
    rd_kafka_flush(client_.get(), 30'000);
  }

  std::string address() const { return rd_kafka_mock_cluster_bootstraps(mock()); }
  void take_down() { rd_kafka_mock_broker_set_down(mock(), 1); }

 private:
  rd_kafka_mock_cluster_t* mock() const { return rd_kafka_handle_mock_cluster(client_.get()); }
  internal::Client client_;
};

class LagQueryTest : public testing::Test {
 protected:
  LagQueryConfig config(std::string address) const {
    return {.survey = {.cluster = {std::move(address)}, .timeout = milliseconds{2'000}},
            .interval = milliseconds{10}};
  }

  static HostPartition host(std::int64_t position) {
    return {.of = {"billing", {"orders", 0}}, .position = position, .last_poll_ns = base::monotonic_ns()};
  }

  // The first answer that says something after `number`.
  static std::shared_ptr<const LagAnswer> answer_after(const LagQuery& query, std::uint64_t number) {
    for (;;) {
      auto answer = query.latest();
      if (answer && answer->number > number && !answer->lags.empty()) return answer;
      std::this_thread::sleep_for(milliseconds{5});
    }
  }

  bool was_said(const std::string& text) {
    const std::scoped_lock lock{mutex_};
    return std::any_of(said_.begin(), said_.end(),
                       [&](const std::string& line) { return line.find(text) != std::string::npos; });
  }

  std::mutex mutex_;
  std::vector<std::string> said_;
  Log log_{[] { return std::chrono::steady_clock::now(); },
           [this](const std::string& line) {
             const std::scoped_lock lock{mutex_};
             said_.push_back(line);
           }};
};

TEST_F(LagQueryTest, TellsHowFarAHostIsBehindAgainAndAgain) {
  const MockCluster cluster;
  const auto query = LagQuery::start(config(cluster.address()), log_);
  ASSERT_TRUE(query);
  (*query)->watch({host(4)});
  const auto first = answer_after(**query, 0);
  ASSERT_EQ(first->lags.size(), 1U);
  EXPECT_EQ(first->lags[0].log_end, 10);
  EXPECT_EQ(first->lags[0].messages, 6U);
  EXPECT_EQ(first->lags[0].uncounted, 0U);
  (*query)->watch({host(9)});
  const auto later = answer_after(**query, first->number + 1);  // one may have been on its way
  EXPECT_EQ(later->lags[0].messages, 1U);
}

TEST_F(LagQueryTest, SaysThatNobodyAnswersAndKeepsTheLastAnswer) {
  MockCluster cluster;
  const auto query = LagQuery::start(config(cluster.address()), log_);
  ASSERT_TRUE(query);
  (*query)->watch({host(4)});
  const auto answer = answer_after(**query, 0);
  cluster.take_down();
  while (!was_said("does not say how far its groups are behind"))
    std::this_thread::sleep_for(milliseconds{5});
  EXPECT_GE((*query)->latest()->number, answer->number);
  EXPECT_EQ((*query)->latest()->lags.at(0).messages, 6U);
}

TEST_F(LagQueryTest, NamesAPropertyThatCannotBeUsedButNotItsValue) {
  for (const char* name : {"no.such.property", "plugin.library.paths", "group.id", "sasl.mechanism.x"}) {
    LagQueryConfig wrong = config("127.0.0.1:1");
    wrong.survey.cluster.properties = {{name, "hunter2"}};
    const auto query = LagQuery::start(wrong, log_);
    ASSERT_FALSE(query);
    EXPECT_THAT(query.error().message, HasSubstr(name));
    EXPECT_THAT(query.error().message, testing::Not(HasSubstr("hunter2")));
  }
}

}  // namespace
}  // namespace waybill::lag
