#include "waybill/analysis/lag_report.h"

#include <gtest/gtest.h>

#include <functional>

#include "waybill/analysis/testing/dice.h"
#include "waybill/analysis/testing/story.h"

namespace waybill::analysis {
namespace {

using testing::Dice;
using testing::ns;

const LagWindow kWindow{.from_ns = ns(1'000), .to_ns = ns(1'600), .steps = 60};

// A sample every ten seconds of the window: the lag `lag_at(seconds since its begin)`, each message waiting
// `waits_ms`.
PartitionHistory partition(std::int32_t number, const std::function<double(double)>& lag_at,
                           double waits_ms = 500) {
  PartitionHistory history;
  history.partition = number;
  for (int second = 5; second < 600; second += 10) {
    const double lag = std::max(0.0, lag_at(second));
    history.samples.push_back(
        {.time_ns = ns(1'000 + second), .lag = lag, .lag_time_ms = lag > 0 ? waits_ms : 0});
  }
  return history;
}

PartitionHistory steady(std::int32_t number, double lag, double waits_ms = 500) {
  return partition(
      number, [=](double) { return lag; }, waits_ms);
}

PartitionHistory growing(std::int32_t number, double per_s) {
  return partition(
      number, [=](double second) { return per_s * second; }, 90'000);
}

GroupHistory billing(std::vector<PartitionHistory> partitions) {
  GroupHistory history;
  history.group = "billing";
  history.topic = "orders";
  history.partitions = std::move(partitions);
  history.arriving_per_s = 100;
  history.processing_per_s = 100;
  history.last_consumed_ns = ns(1'599);
  return history;
}

GroupReport report(const GroupHistory& history) { return report_lag(history, kWindow); }

GroupHistory with(GroupHistory history, const std::function<void(GroupHistory&)>& change) {
  change(history);
  return history;
}

TEST(LagReportTest, TellsTheStatesApart) {
  const auto shrinking = partition(0, [](double second) { return 6'000 - 5 * second; });
  const auto quiet = [](GroupHistory& history) { history.arriving_per_s = history.processing_per_s = 0; };
  const auto lower_bound = [](GroupHistory& history) {
    history.partitions[0].samples.back().is_lower_bound = true;
  };
  struct Row {
    std::string name;
    GroupHistory history;
    LagState state;
  };
  const std::vector<Row> rows = {
      {"nothing is known", billing({}), LagState::kUnknown},
      {"all is read", billing({steady(0, 0)}), LagState::kUpToDate},
      {"nothing comes", with(billing({steady(0, 0)}), quiet), LagState::kIdle},
      {"zero at least", with(billing({steady(0, 0)}), lower_bound), LagState::kKeepingUp},
      {"zero at least, and nothing is got", with(with(billing({steady(0, 0)}), lower_bound), quiet),
       LagState::kUnknown},
      {"a little", billing({steady(0, 20)}), LagState::kKeepingUp},
      {"a little, and it waits long", billing({steady(0, 20, 90'000)}), LagState::kSlow},
      {"less and less", billing({shrinking}), LagState::kCatchingUp},
      {"more and more", billing({growing(0, 5)}), LagState::kFallingBehind},
      {"nothing is got",
       with(billing({growing(0, 5)}), [](auto& history) { history.last_consumed_ns = ns(1'200); }),
       LagState::kStopped},
      {"nothing was ever got",
       with(billing({growing(0, 5)}),
            [](GroupHistory& history) {
              history.last_consumed_ns.reset();
              history.processing_per_s = 0;
            }),
       LagState::kStopped},
      {"nothing is got since a moment",
       with(billing({steady(0, 20)}), [](auto& history) { history.last_consumed_ns = ns(1'580); }),
       LagState::kKeepingUp},
      {"partitions change hands",
       with(billing({growing(0, 5)}),
            [](GroupHistory& history) {
              history.last_consumed_ns = ns(1'200);
              history.last_rebalance_ns = ns(1'590);
            }),
       LagState::kRebalancing},
      {"partitions change hands after the window",
       with(billing({growing(0, 5)}),
            [](GroupHistory& history) {
              history.last_consumed_ns = ns(1'200);
              history.last_rebalance_ns = ns(1'700);
            }),
       LagState::kStopped},
  };
  for (const Row& row : rows) {
    const GroupReport result = report(row.history);
    EXPECT_EQ(name_of(result.state), name_of(row.state)) << row.name << ": " << result.text;
    EXPECT_FALSE(result.text.empty()) << row.name;
  }
}

TEST(LagReportTest, SaysHowManyConsumersAreNeeded) {
  GroupHistory history = billing({growing(0, 30), growing(1, 30), steady(2, 0), steady(3, 0)});
  history.arriving_per_s = 180;
  history.processing_per_s = 120;
  history.consumers = 2;
  const GroupReport result = report(history);
  EXPECT_EQ(result.advice,
            "2 of 4 partitions busy; processing 120/s, arriving 180/s: needs one more consumer");
  EXPECT_EQ(result.busy_partitions, 2U);
  EXPECT_NEAR(result.trend_per_s.value(), 60, 0.1);
  EXPECT_EQ(result.text,
            "billing in orders falls behind by 60/s: 35,700 messages wait, the oldest for 90 s.");
}

TEST(LagReportTest, ASmallTrendIsNotCalledNone) {
  EXPECT_NE(report(billing({growing(0, 0.04)})).text.find("falls behind by 0.04/s: "), std::string::npos);
}

TEST(LagReportTest, MoreConsumersThanPartitionsDoNotHelp) {
  GroupHistory history = billing({growing(0, 30), growing(1, 30)});
  history.arriving_per_s = 180;
  history.processing_per_s = 120;
  history.consumers = 2;
  EXPECT_NE(report(history).advice.find("each partition has its consumer"), std::string::npos);
  history.consumers = 1;
  EXPECT_NE(report(history).advice.find("needs one more consumer"), std::string::npos);
  history.arriving_per_s = 1'000;
  EXPECT_NE(report(history).advice.find("and that is not enough"), std::string::npos);
}

TEST(LagReportTest, KeysThatAreSpreadUnevenlyAreSaid) {
  GroupHistory history = billing({growing(0, 60), steady(1, 0), steady(2, 0), steady(3, 0)});
  history.arriving_per_s = 180;
  history.processing_per_s = 120;
  history.consumers = 4;
  EXPECT_NE(report(history).advice.find("keys are spread unevenly"), std::string::npos);
}

TEST(LagReportTest, ThereIsNoAdviceWhereNoneIsNeeded) {
  EXPECT_EQ(report(billing({steady(0, 0)})).advice, "");
  EXPECT_EQ(report(billing({steady(0, 20)})).advice, "");
  EXPECT_EQ(report(billing({})).advice, "");
}

TEST(LagReportTest, SaysWhenItWillHaveCaughtUp) {
  const GroupReport result =
      report(billing({partition(0, [](double second) { return 6'000 - 5 * second; })}));
  EXPECT_NEAR(result.catch_up_s.value(), result.lag / 5, 1);
  EXPECT_FALSE(report(billing({growing(0, 5)})).catch_up_s);
  EXPECT_FALSE(report(billing({steady(0, 50)})).catch_up_s);
}

TEST(LagReportTest, TwoRatesTellTheThird) {
  const auto without = [](auto GroupHistory::*rate) {
    return with(billing({growing(0, 5)}), [=](GroupHistory& history) { (history.*rate).reset(); });
  };
  EXPECT_NEAR(report(without(&GroupHistory::arriving_per_s)).arriving_per_s.value(), 105, 0.1);
  EXPECT_NEAR(report(without(&GroupHistory::processing_per_s)).processing_per_s.value(), 95, 0.1);
}

TEST(LagReportTest, PartitionsAreSummedAndTheLongestWaitCounts) {
  const GroupReport result = report(billing({steady(1, 20, 900), steady(0, 10, 400)}));
  EXPECT_EQ(result.lag, 30);
  EXPECT_EQ(result.lag_time_ms, 900);
  ASSERT_EQ(result.partitions.size(), 2U);
  EXPECT_EQ(result.partitions[0].partition, 0);
  EXPECT_EQ(result.lag_series.size(), 60U);
  EXPECT_EQ(result.lag_series[10], 30);
  EXPECT_EQ(result.lag_time_ms_series[10], 900);
  EXPECT_EQ(result.partitions[1].series[10], 20);
}

TEST(LagReportTest, APartitionThatIsSilentForAStepIsWhereItWas) {
  GroupHistory history = billing({steady(0, 20), steady(1, 10)});
  history.partitions[1].samples.erase(history.partitions[1].samples.begin() + 10);
  const GroupReport result = report(history);
  EXPECT_EQ(result.lag_series[10], 30);
  EXPECT_EQ(result.partitions[1].series[10], std::nullopt) << "nothing was seen";
}

TEST(LagReportTest, WhatIsOutsideTheWindowDoesNotCount) {
  GroupHistory history = billing({steady(0, 20)});
  history.partitions[0].samples.push_back({.time_ns = ns(5'000), .lag = 1e9});
  EXPECT_EQ(report(history).lag, 20);
}

TEST(LagReportTest, WindowsAndNumbersThatCannotBeDoNoHarm) {
  GroupHistory history = billing({steady(0, 20)});
  EXPECT_EQ(report_lag(history, {.from_ns = 5, .to_ns = 5, .steps = 0}).state, LagState::kUnknown);
  EXPECT_EQ(
      report_lag(history, {.from_ns = ns(1'600), .to_ns = ns(1'000), .steps = 4'000'000}).lag_series.size(),
      1'000U);
}

TEST(RobustSlopeTest, AFewWildPointsDoNotBendIt) {
  Dice dice(5);
  for (int round = 0; round < 500; ++round) {
    const double slope = dice.below(2'000) / 100.0 - 10;
    std::vector<TrendPoint> points;
    for (int second = 0; second < 40; ++second) {
      const bool is_wild = second % 7 == 3;
      points.push_back({.seconds = 1.0 * second, .value = is_wild ? dice.below(1'000'000) : slope * second});
    }
    ASSERT_NEAR(robust_slope(points).value(), slope, 1e-6);
  }
}

TEST(RobustSlopeTest, TooFewPointsAndNoTimeHaveNone) {
  EXPECT_FALSE(robust_slope({}));
  EXPECT_FALSE(robust_slope({{0, 1}, {1, 2}}));
  EXPECT_FALSE(robust_slope({{1, 1}, {1, 2}, {1, 3}}));
}

}  // namespace
}  // namespace waybill::analysis
