#include "waybill/lag/lag_query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "waybill/base/clock.h"
#include "waybill/lag/testing/mock_cluster.h"

namespace waybill::lag {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using testing::MockCluster;

class LagQueryTest : public ::testing::Test {
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
    EXPECT_THAT(query.error().message, ::testing::Not(HasSubstr("hunter2")));
  }
}

}  // namespace
}  // namespace waybill::lag
