#include "waybill/analysis/counter_growth.h"

#include <gtest/gtest.h>

namespace waybill::analysis {
namespace {

using evidence::MetricKind;
using evidence::MetricPoint;

constexpr std::int64_t kSecond = 1'000'000'000;

MetricPoint point_at(std::int64_t seconds, double value, std::int64_t start_s = 1,
                     MetricKind kind = MetricKind::kCumulativeSum, const char* service = "s") {
  MetricPoint point;
  point.series.metric = "sent";
  point.series.kind = kind;
  point.series.service = service;
  point.start_ns = start_s * kSecond;
  point.time_ns = seconds * kSecond;
  point.value = value;
  return point;
}

CounterGrowth growth(const std::vector<MetricPoint>& points, std::int64_t from_s, std::int64_t to_s,
                     std::size_t steps = 1) {
  return growth_of(points, {from_s * kSecond, to_s * kSecond, steps});
}

TEST(CounterGrowthTest, IsWhatACumulativeCounterGrewByInTheWindow) {
  EXPECT_DOUBLE_EQ(growth({point_at(100, 10), point_at(160, 40), point_at(220, 70)}, 100, 220).total(), 60);
}

TEST(CounterGrowthTest, SpreadsOverTheTimeBetweenTwoPoints) {
  const CounterGrowth half = growth({point_at(100, 10), point_at(160, 40)}, 130, 190, 2);
  EXPECT_DOUBLE_EQ(half.steps[0], 15);
  EXPECT_DOUBLE_EQ(half.steps[1], 0);
}

TEST(CounterGrowthTest, CountsFromItsStartWhereNothingWasSeenBefore) {
  EXPECT_DOUBLE_EQ(growth({point_at(110, 10, 100)}, 90, 120).total(), 10);
  // Most of what it says was before the window.
  EXPECT_NEAR(growth({point_at(1'000, 1'000, 0)}, 990, 1'000).total(), 10, 0.1);
}

TEST(CounterGrowthTest, BeginsAnewAfterAReset) {
  EXPECT_DOUBLE_EQ(growth({point_at(100, 50), point_at(160, 5, 150)}, 100, 160).total(), 5);
  // The start did not change, but the value says so.
  EXPECT_NEAR(growth({point_at(100, 50, 90), point_at(160, 7, 90)}, 90, 160).total(), 57, 1e-9);
}

TEST(CounterGrowthTest, AddsDifferencesAndSeveralSeries) {
  EXPECT_DOUBLE_EQ(
      growth({point_at(110, 3, 100, MetricKind::kDeltaSum), point_at(120, 4, 110, MetricKind::kDeltaSum),
              point_at(110, 5, 100, MetricKind::kDeltaSum, "other")},
             100, 120)
          .total(),
      12);
}

TEST(CounterGrowthTest, CountsHistogramsByTheirCount) {
  MetricPoint first = point_at(100, 0.5, 1, MetricKind::kCumulativeHistogram);
  first.count = 4;
  MetricPoint second = point_at(160, 0.7, 1, MetricKind::kCumulativeHistogram);
  second.count = 10;
  EXPECT_DOUBLE_EQ(growth({first, second}, 100, 160).total(), 6);
}

TEST(CounterGrowthTest, SaysUntilWhenItKnows) {
  EXPECT_EQ(growth({point_at(100, 10), point_at(160, 40)}, 100, 220).known_until_ns, 160 * kSecond);
}

TEST(CounterGrowthTest, KnowsNothingWithoutPoints) {
  EXPECT_FALSE(growth({}, 0, 10).is_known);
  EXPECT_FALSE(growth({point_at(100, 10, 90)}, 200, 300).is_known);
  EXPECT_FALSE(growth({point_at(100, 10, 90, MetricKind::kGauge)}, 90, 300).is_known);
}

TEST(CounterGrowthTest, LosesNothingBetweenItsSteps) {
  std::vector<MetricPoint> points;
  for (std::int64_t at = 0; at < 50; ++at)
    points.push_back(point_at(1'000 + at * 7, static_cast<double>(at * at)));
  for (const std::size_t steps : {1U, 2U, 7U, 60U})
    EXPECT_NEAR(growth(points, 1'000, 1'343, steps).total(), 49 * 49, 1e-6) << steps;
}

}  // namespace
}  // namespace waybill::analysis
