#include "waybill/exporters/otlp_metric_encoder.h"

#include <gtest/gtest.h>
#include <opentelemetry/proto/collector/metrics/v1/metrics_service.pb.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "waybill/exporters/otlp_json_metric_encoder.h"
#include "waybill/exporters/testing/sample_metrics.h"
#include "waybill/support/version.h"

// What we encode is read back by the official messages, and in JSON has the names that these give it.
namespace waybill::exporters {
namespace {

namespace metrics = opentelemetry::proto::metrics::v1;
using configure::TemporalityPreference;
using opentelemetry::proto::collector::metrics::v1::ExportMetricsServiceRequest;
using testing::sample_snapshot;
using testing::SnapshotBuilder;

ExportMetricsServiceRequest decoded(const MetricSnapshots& snapshots,
                                    TemporalityPreference preference = TemporalityPreference::kCumulative) {
  ExportMetricsServiceRequest request;
  OtlpMetricEncoder encoder{preference};
  EXPECT_TRUE(request.ParseFromString(std::string{encoder.encode(snapshots)}));
  return request;
}

std::map<std::string, metrics::Metric> by_name(const ExportMetricsServiceRequest& request) {
  std::map<std::string, metrics::Metric> all;
  for (const auto& metric : request.resource_metrics(0).scope_metrics(0).metrics())
    all[metric.name()] = metric;
  return all;
}

template <typename Id>
std::string bytes_of(const Id& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

TEST(OtlpMetricEncoderTest, SaysWhoseTheMetricsAre) {
  const ExportMetricsServiceRequest request = decoded({sample_snapshot(), sample_snapshot("2", "billing")});
  ASSERT_EQ(request.resource_metrics_size(), 2);
  const auto& first = request.resource_metrics(0);
  EXPECT_EQ(first.resource().attributes(0).key(), "service.name");
  EXPECT_EQ(first.resource().attributes(0).value().string_value(), "shop");
  EXPECT_EQ(first.resource().attributes(2).value().int_value(), 42);
  EXPECT_EQ(first.schema_url(), telemetry::kSchemaUrl);
  EXPECT_EQ(first.scope_metrics(0).scope().name(), telemetry::kScopeName);
  EXPECT_EQ(first.scope_metrics(0).scope().version(), kVersion);
  EXPECT_EQ(first.scope_metrics(0).schema_url(), telemetry::kSchemaUrl);
  EXPECT_EQ(request.resource_metrics(1).resource().attributes(0).value().string_value(), "billing");
}

TEST(OtlpMetricEncoderTest, WritesACounterAsAMonotonicSumWithItsExemplar) {
  const metrics::Metric metric = by_name(decoded({sample_snapshot()}))["messaging.client.sent.messages"];
  EXPECT_EQ(metric.unit(), "{message}");
  EXPECT_EQ(metric.description(), "Messages that were handed over.");
  ASSERT_TRUE(metric.has_sum());
  EXPECT_TRUE(metric.sum().is_monotonic());
  EXPECT_EQ(metric.sum().aggregation_temporality(), metrics::AGGREGATION_TEMPORALITY_CUMULATIVE);
  ASSERT_EQ(metric.sum().data_points_size(), 1);
  const auto& point = metric.sum().data_points(0);
  EXPECT_EQ(point.as_int(), 1234);
  EXPECT_EQ(point.start_time_unix_nano(), SnapshotBuilder::kStart);
  EXPECT_EQ(point.time_unix_nano(), SnapshotBuilder::kStart + 60'000'000'000);
  ASSERT_EQ(point.attributes_size(), 1);
  EXPECT_EQ(point.attributes(0).key(), "messaging.destination.name");
  EXPECT_EQ(point.attributes(0).value().string_value(), "orders");
  ASSERT_EQ(point.exemplars_size(), 1);
  EXPECT_EQ(point.exemplars(0).as_int(), 1);
  EXPECT_EQ(point.exemplars(0).time_unix_nano(), SnapshotBuilder::kStart + 1'500'000'000);
  EXPECT_EQ(point.exemplars(0).trace_id(), bytes_of(testing::id_of<context::TraceId>(0x10)));
  EXPECT_EQ(point.exemplars(0).span_id(), bytes_of(testing::id_of<context::SpanId>(0x40)));
}

TEST(OtlpMetricEncoderTest, WritesAHistogramWithItsBounds) {
  const metrics::Metric metric = by_name(decoded({sample_snapshot()}))["messaging.client.operation.duration"];
  ASSERT_TRUE(metric.has_histogram());
  EXPECT_EQ(metric.unit(), "s");
  EXPECT_EQ(metric.histogram().aggregation_temporality(), metrics::AGGREGATION_TEMPORALITY_CUMULATIVE);
  const auto& point = metric.histogram().data_points(0);
  EXPECT_EQ(point.count(), 4U);
  EXPECT_EQ(point.sum(), 12.5);
  EXPECT_EQ(std::vector<std::uint64_t>(point.bucket_counts().begin(), point.bucket_counts().end()),
            (std::vector<std::uint64_t>{2, 1, 0, 1}));
  EXPECT_EQ(std::vector<double>(point.explicit_bounds().begin(), point.explicit_bounds().end()),
            (std::vector<double>{0.005, 1, 10}));
  EXPECT_EQ(point.start_time_unix_nano(), SnapshotBuilder::kStart);
  EXPECT_EQ(point.attributes(0).value().string_value(), "orders");
  ASSERT_EQ(point.exemplars_size(), 3);
  EXPECT_EQ(point.exemplars(2).as_double(), 11);
}

TEST(OtlpMetricEncoderTest, WritesValuesThatMayFall) {
  auto all = by_name(decoded({sample_snapshot()}));
  const auto& in_flight = all["waybill.sends.in_flight"];
  ASSERT_TRUE(in_flight.has_sum());
  EXPECT_FALSE(in_flight.sum().is_monotonic());
  EXPECT_EQ(in_flight.sum().data_points(0).as_int(), -3);
  const auto& fill = all["waybill.segment.fill"];
  ASSERT_TRUE(fill.has_gauge());
  EXPECT_EQ(fill.gauge().data_points(0).as_double(), 0.25);
  EXPECT_EQ(fill.gauge().data_points(0).start_time_unix_nano(), 0U);
}

TEST(OtlpMetricEncoderTest, MarksDifferencesAsThePreferenceHasIt) {
  const auto temporalities = [](TemporalityPreference preference) {
    auto all = by_name(decoded({sample_snapshot()}, preference));
    return std::vector<int>{all["messaging.client.sent.messages"].sum().aggregation_temporality(),
                            all["messaging.client.operation.duration"].histogram().aggregation_temporality(),
                            all["kafka.client.bytes"].sum().aggregation_temporality(),
                            all["waybill.sends.in_flight"].sum().aggregation_temporality()};
  };
  constexpr int kDelta = metrics::AGGREGATION_TEMPORALITY_DELTA;
  constexpr int kCumulative = metrics::AGGREGATION_TEMPORALITY_CUMULATIVE;
  EXPECT_EQ(temporalities(TemporalityPreference::kCumulative),
            (std::vector<int>{kCumulative, kCumulative, kCumulative, kCumulative}));
  EXPECT_EQ(temporalities(TemporalityPreference::kDelta),
            (std::vector<int>{kDelta, kDelta, kDelta, kCumulative}));
  EXPECT_EQ(temporalities(TemporalityPreference::kLowMemory),
            (std::vector<int>{kDelta, kDelta, kCumulative, kCumulative}));
}

TEST(OtlpMetricEncoderTest, ReplacesWhatIsNotUtf8) {
  const ExportMetricsServiceRequest request =
      decoded({SnapshotBuilder{}.count(testing::kSent, "a\xff", 1).build()});
  EXPECT_EQ(by_name(request)["messaging.client.sent.messages"]
                .sum()
                .data_points(0)
                .attributes(0)
                .value()
                .string_value(),
            "a\xef\xbf\xbd");
}

TEST(OtlpMetricEncoderTest, WritesTheSameAsJson) {
  using nlohmann::json;
  const json request = json::parse(otlp_json({sample_snapshot()}, TemporalityPreference::kDelta));
  const json& resource_metrics = request["resourceMetrics"][0];
  EXPECT_EQ(resource_metrics["schemaUrl"], telemetry::kSchemaUrl);
  const json& scope_metrics = resource_metrics["scopeMetrics"][0];
  EXPECT_EQ(scope_metrics["scope"]["name"], telemetry::kScopeName);
  std::map<std::string, json> all;
  for (const json& one : scope_metrics["metrics"]) all[one["name"]] = one;
  EXPECT_EQ(all["messaging.client.sent.messages"], json::parse(R"({
    "name": "messaging.client.sent.messages", "description": "Messages that were handed over.",
    "unit": "{message}", "sum": {"dataPoints": [{
      "startTimeUnixNano": "1700000000000000000", "timeUnixNano": "1700000060000000000", "asInt": "1234",
      "exemplars": [{"timeUnixNano": "1700000001500000000", "asInt": "1",
                     "spanId": "4041424344454647", "traceId": "101112131415161718191a1b1c1d1e1f"}],
      "attributes": [{"key": "messaging.destination.name", "value": {"stringValue": "orders"}}]}],
      "aggregationTemporality": 1, "isMonotonic": true}})"));
  const json& duration = all["messaging.client.operation.duration"]["histogram"]["dataPoints"][0];
  EXPECT_EQ(duration["count"], "4");
  EXPECT_EQ(duration["sum"], 12.5);
  EXPECT_EQ(duration["bucketCounts"], json::parse(R"(["2", "1", "0", "1"])"));
  EXPECT_EQ(duration["explicitBounds"], json::parse("[0.005, 1.0, 10.0]"));
  EXPECT_EQ(duration["exemplars"][2]["asDouble"], 11.0);
  EXPECT_EQ(all["waybill.sends.in_flight"]["sum"]["aggregationTemporality"], 2);
  EXPECT_EQ(all["waybill.segment.fill"]["gauge"]["dataPoints"][0]["asDouble"], 0.25);
}

}  // namespace
}  // namespace waybill::exporters
