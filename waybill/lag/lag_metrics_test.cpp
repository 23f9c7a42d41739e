#include "waybill/lag/lag_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace waybill::lag {
namespace {

using telemetry::InstrumentKind;
using telemetry::Metric;
using telemetry::MetricPoint;

LagPoint point(std::int32_t partition, std::uint64_t messages) {
  return {.of = {"billing", {"orders", partition}}, .messages = messages, .seconds = 1.5, .time_unix_ns = 42};
}

const Metric* find(const std::vector<Metric>& metrics, std::string_view name) {
  for (const Metric& metric : metrics) {
    if (metric.description->name == name) return &metric;
  }
  return nullptr;
}

std::string text(const MetricPoint& point, std::string_view key) {
  for (const telemetry::Attribute& attribute : point.attributes) {
    if (attribute.key == key) return std::string{std::get<std::string_view>(attribute.value)};
  }
  return "(none)";
}

TEST(LagMetricsTest, TellsGroupTopicAndPartitionOfEachPoint) {
  Arena memory;
  const auto metrics = lag_metrics(std::vector{point(7, 3)}, 10, memory);
  const Metric* lag = find(metrics, "kafka.consumer.lag");
  ASSERT_NE(lag, nullptr);
  EXPECT_EQ(lag->description->unit, "{message}");
  EXPECT_EQ(lag->description->instrument, InstrumentKind::kGauge);
  ASSERT_EQ(lag->points.size(), 1U);
  EXPECT_EQ(lag->points[0].integer, 3);
  EXPECT_EQ(lag->points[0].time_unix_ns, 42U);
  EXPECT_EQ(text(lag->points[0], "messaging.system"), "kafka");
  EXPECT_EQ(text(lag->points[0], "messaging.consumer.group.name"), "billing");
  EXPECT_EQ(text(lag->points[0], "messaging.destination.name"), "orders");
  EXPECT_EQ(text(lag->points[0], "messaging.destination.partition.id"), "7");
  const Metric* time = find(metrics, "kafka.consumer.lag.time");
  ASSERT_NE(time, nullptr);
  EXPECT_EQ(time->description->unit, "s");
  EXPECT_EQ(time->points[0].number, 1.5);
}

TEST(LagMetricsTest, MarksOnlyWhatIsABoundOrNotCounted) {
  Arena memory;
  LagPoint bound = point(1, 3);
  bound.watermark_age = 4.0;
  LagPoint long_rest = point(2, 3);
  long_rest.uncounted = 2;
  LagPoint cut = point(3, 3);
  cut.offsets_gone = 9;
  const auto metrics = lag_metrics(std::vector{point(0, 3), bound, long_rest, cut}, 10, memory);
  const auto only_point = [&](std::string_view name) { return find(metrics, name)->points.at(0); };
  EXPECT_EQ(only_point("waybill.lag.watermark.age").number, 4.0);
  EXPECT_EQ(text(only_point("waybill.lag.watermark.age"), "messaging.destination.partition.id"), "1");
  EXPECT_EQ(only_point("waybill.lag.uncounted").integer, 2);
  EXPECT_EQ(only_point("waybill.lag.gone").integer, 9);
  for (const Metric& metric : metrics) {
    const bool is_lag = metric.description->name.starts_with("kafka.");
    EXPECT_EQ(metric.points.size(), is_lag ? 4U : 1U) << metric.description->name;
  }
}

TEST(LagMetricsTest, LeavesOutATimeThatIsNotKnown) {
  Arena memory;
  LagPoint unknown = point(0, 3);
  unknown.seconds = std::nullopt;
  const auto metrics = lag_metrics(std::vector{unknown}, 10, memory);
  EXPECT_NE(find(metrics, "kafka.consumer.lag"), nullptr);
  EXPECT_EQ(find(metrics, "kafka.consumer.lag.time"), nullptr);
}

TEST(LagMetricsTest, PutsTheFurthestBehindOfTooManyIntoOneSeries) {
  Arena memory;
  const std::vector points{point(0, 1), point(1, 2), point(2, 30), point(3, 4)};
  const auto metrics = lag_metrics(points, 3, memory);
  const Metric* lag = find(metrics, "kafka.consumer.lag");
  ASSERT_EQ(lag->points.size(), 3U);
  EXPECT_EQ(lag->points[1].integer, 2);
  EXPECT_EQ(lag->points[2].integer, 30);
  ASSERT_EQ(lag->points[2].attributes.size(), 1U);
  EXPECT_EQ(lag->points[2].attributes[0].key, "otel.metric.overflow");
  EXPECT_EQ(find(lag_metrics(points, 4, memory), "kafka.consumer.lag")->points.size(), 4U);
}

TEST(LagMetricsTest, NothingIsKnownNothingIsTold) {
  Arena memory;
  EXPECT_TRUE(lag_metrics({}, 10, memory).empty());
}

}  // namespace
}  // namespace waybill::lag
