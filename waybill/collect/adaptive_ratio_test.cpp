#include "waybill/collect/adaptive_ratio.h"

#include <gtest/gtest.h>

#include <random>

namespace waybill::collect {
namespace {

constexpr double kSecondNs = 1e9;
constexpr double kBudget = 0.01;

// A program that keeps one processor busy, in which tracing costs `fixed` of its time and as much as
// `sampled` when everything is sampled.
struct Program {
  double fixed = 0;
  double sampled = 0;

  double cost(double ratio) const { return fixed + sampled * ratio; }
  void run(AdaptiveRatio& adaptive, int seconds, double budget = kBudget) const {
    for (int second = 0; second < seconds; ++second)
      adaptive.update({cost(adaptive.ratio()) * kSecondNs, kSecondNs}, budget);
  }
};

TEST(AdaptiveRatioTest, KeepsEverythingThatTheBudgetAllows) {
  AdaptiveRatio adaptive;
  EXPECT_EQ(adaptive.ratio(), 1);
  Program{.fixed = 0.001, .sampled = 0.008}.run(adaptive, 20);
  EXPECT_EQ(adaptive.ratio(), 1);
  EXPECT_EQ(adaptive.cost_beyond_budget(), 0);
}

TEST(AdaptiveRatioTest, ComesToTheBudgetWhateverTheCostIsMadeOf) {
  for (const Program program : {Program{0, 0.1}, Program{0.002, 0.1}, Program{0.005, 0.02}, Program{0, 3}}) {
    AdaptiveRatio adaptive;
    program.run(adaptive, 60);
    EXPECT_NEAR(program.cost(adaptive.ratio()), kBudget, 0.05 * kBudget) << program.fixed;
  }
}

TEST(AdaptiveRatioTest, FollowsWhatChanges) {
  AdaptiveRatio adaptive;
  Program{.sampled = 0.1}.run(adaptive, 30);
  EXPECT_NEAR(adaptive.ratio(), 0.1, 0.01);
  Program{.sampled = 0.02}.run(adaptive, 30);
  EXPECT_NEAR(adaptive.ratio(), 0.5, 0.05);
  Program{.sampled = 0.02}.run(adaptive, 30, 2 * kBudget);
  EXPECT_EQ(adaptive.ratio(), 1);
}

TEST(AdaptiveRatioTest, IsNotLedAstrayBySingleSeconds) {
  const Program program{.sampled = 0.05};
  AdaptiveRatio adaptive;
  program.run(adaptive, 30);
  const double before = adaptive.ratio();
  program.run(adaptive, 4);
  adaptive.update({kSecondNs, kSecondNs}, kBudget);  // a hook that was interrupted
  EXPECT_NEAR(adaptive.ratio(), before, 0.01 * before);
  program.run(adaptive, 2);
  adaptive.update({0, kSecondNs}, kBudget);  // no hook was among the samples
  EXPECT_NEAR(adaptive.ratio(), before, 0.01 * before);
}

TEST(AdaptiveRatioTest, StaysNearTheBudgetThoughItsMeasureIsRough) {
  const Program program{.fixed = 0.002, .sampled = 0.08};
  std::mt19937 random{20'261'126};
  std::poisson_distribution<int> samples{20};
  AdaptiveRatio adaptive;
  double cost = 0;
  constexpr int kSeconds = 1000;
  for (int second = 0; second < kSeconds; ++second) {
    cost += program.cost(adaptive.ratio()) / kSeconds;
    adaptive.update({program.cost(adaptive.ratio()) * kSecondNs * samples(random) / 20, kSecondNs}, kBudget);
  }
  EXPECT_NEAR(cost, kBudget, 0.1 * kBudget);
}

TEST(AdaptiveRatioTest, LearnsNothingFromAProgramThatHardlyRuns) {
  AdaptiveRatio adaptive;
  for (int second = 0; second < 20; ++second) adaptive.update({500'000, 900'000}, kBudget);
  EXPECT_EQ(adaptive.ratio(), 1);
}

TEST(AdaptiveRatioTest, SaysWhenTheBudgetIsTooSmallForAnything) {
  AdaptiveRatio adaptive;
  Program{.fixed = 0.02, .sampled = 0.02}.run(adaptive, 60);
  EXPECT_EQ(adaptive.ratio(), AdaptiveRatio::kLeast);
  EXPECT_NEAR(adaptive.cost_beyond_budget(), 0.02, 0.001);
  Program{.fixed = 0.001, .sampled = 0.02}.run(adaptive, 60);
  EXPECT_EQ(adaptive.cost_beyond_budget(), 0);
}

}  // namespace
}  // namespace waybill::collect
