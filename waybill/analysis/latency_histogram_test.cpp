#include "waybill/analysis/latency_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "waybill/analysis/testing/dice.h"

namespace waybill::analysis {
namespace {

using testing::Dice;

double random_ms(Dice& dice) { return std::pow(10, dice.below(12'000) / 1'000.0 - 3); }

// The smallest value that so large a part is not above.
double exact(std::vector<double> values, double fraction) {
  std::sort(values.begin(), values.end());
  const double rank = std::ceil(fraction * static_cast<double>(values.size()));
  return values[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

TEST(LatencyHistogramTest, APercentileIsOffByFourPercentAtMost) {
  Dice dice(1);
  for (int round = 0; round < 200; ++round) {
    LatencyHistogram histogram;
    std::vector<double> values;
    for (int count = 1 + dice.below(300); count > 0; --count) {
      values.push_back(random_ms(dice));
      histogram.add(values.back());
    }
    for (const double fraction : {0.0, 0.25, 0.5, 0.95, 0.99, 1.0}) {
      const double truth = exact(values, fraction);
      ASSERT_NEAR(histogram.percentile(fraction).value(), truth, 0.0401 * truth) << fraction;
    }
  }
}

TEST(LatencyHistogramTest, MergedIsAsIfAllHadBeenAddedToOne) {
  Dice dice(2);
  for (int round = 0; round < 200; ++round) {
    LatencyHistogram one;
    LatencyHistogram left;
    LatencyHistogram right;
    for (int count = dice.below(100); count > 0; --count) {
      const double ms = random_ms(dice);
      const double weight = 1 + dice.below(9);
      one.add(ms, weight);
      (dice.below(2) == 0 ? left : right).add(ms, weight);
    }
    left.merge(right);
    ASSERT_TRUE(
        std::equal(left.buckets().begin(), left.buckets().end(), one.buckets().begin(), one.buckets().end()));
    ASSERT_NEAR(left.sum_ms(), one.sum_ms(), 1e-9 * one.sum_ms());
  }
}

TEST(LatencyHistogramTest, CanBeTakenApartAndPutTogether) {
  LatencyHistogram histogram;
  histogram.add(5, 10);
  histogram.add(700);
  const auto same = LatencyHistogram::from_parts(histogram.buckets(), histogram.sum_ms());
  EXPECT_EQ(same.percentile(0.5), histogram.percentile(0.5));
  EXPECT_EQ(same.count(), 11);
  EXPECT_EQ(same.sum_ms(), 750);
}

TEST(LatencyHistogramTest, OneThatStandsForManyWeighsAsMuch) {
  LatencyHistogram histogram;
  histogram.add(1, 98);
  histogram.add(100, 2);
  EXPECT_NEAR(histogram.percentile(0.5).value(), 1, 0.04);
  EXPECT_NEAR(histogram.percentile(0.99).value(), 100, 4);
  EXPECT_DOUBLE_EQ(histogram.mean_ms().value(), 2.98);
}

TEST(LatencyHistogramTest, IsBoundedWhateverComes) {
  LatencyHistogram histogram;
  for (double ms = 1e-9; ms < 1e18; ms *= 1.01) histogram.add(ms);
  EXPECT_LE(histogram.buckets().size(), LatencyHistogram::kMostBuckets);
  EXPECT_GE(LatencyHistogram::from_parts(histogram.buckets(), 1).percentile(1).value(), 9e8) << "eleven days";
}

TEST(LatencyHistogramTest, WhatIsNoDurationIsIgnored) {
  LatencyHistogram histogram;
  histogram.add(std::numeric_limits<double>::quiet_NaN());
  histogram.add(std::numeric_limits<double>::infinity());
  histogram.add(1, 0);
  histogram.add(1, -1);
  histogram.add(1, std::numeric_limits<double>::quiet_NaN());
  EXPECT_TRUE(histogram.empty());
  EXPECT_FALSE(histogram.percentiles());
  EXPECT_FALSE(histogram.mean_ms());
  histogram.add(-5);
  EXPECT_EQ(histogram.sum_ms(), 0) << "clocks that disagree";
  const std::vector<LatencyHistogram::Bucket> wrong = {{.index = 9'999, .weight = 1},
                                                       {.index = 1, .weight = -1}};
  EXPECT_TRUE(LatencyHistogram::from_parts(wrong, 1).empty());
}

TEST(LatencyHistogramTest, PercentilesAreInOrderAndSayOfHowMuch) {
  LatencyHistogram histogram;
  for (int ms = 1; ms <= 1'000; ++ms) histogram.add(ms);
  const Percentiles percentiles = histogram.percentiles().value();
  EXPECT_NEAR(percentiles.p50_ms, 500, 20);
  EXPECT_NEAR(percentiles.p95_ms, 950, 38);
  EXPECT_NEAR(percentiles.p99_ms, 990, 40);
  EXPECT_EQ(percentiles.count, 1'000);
}

}  // namespace
}  // namespace waybill::analysis
