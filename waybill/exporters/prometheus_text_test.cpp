#include "waybill/exporters/prometheus_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <regex>
#include <string>
#include <vector>

#include "waybill/exporters/prometheus_labels.h"
#include "waybill/exporters/prometheus_names.h"
#include "waybill/exporters/testing/sample_metrics.h"
#include "waybill/support/version.h"

namespace waybill::exporters {
namespace {

using telemetry::Attribute;
using telemetry::InstrumentKind;
using telemetry::MetricDescription;
using testing::sample_snapshot;
using testing::SnapshotBuilder;

PrometheusTarget target_of(std::shared_ptr<const telemetry::MetricSnapshot> snapshot) {
  const std::string job = job_of(*snapshot->resource);
  const std::string instance = instance_of(*snapshot);
  return {std::move(snapshot), job, instance};
}

// Every sample has the same scope, which is long: it is left out here.
std::string shown(const std::vector<PrometheusTarget>& targets, PrometheusFormat format) {
  const std::string scope =
      std::string{R"(,otel_scope_name="waybill.kafka",otel_scope_version=")"} + kVersion + "\"";
  std::string text = prometheus_text(targets, format);
  for (std::size_t at = text.find(scope); at != std::string::npos; at = text.find(scope))
    text.erase(at, scope.size());
  return text;
}

TEST(PrometheusTextTest, WritesEveryInstrumentInThePlainFormat) {
  EXPECT_EQ(shown({target_of(sample_snapshot())}, PrometheusFormat::kText), R"(# TYPE target_info gauge
# HELP target_info What is known of the program.
target_info{process_pid="42",instance="instance of host-1",job="shop"} 1
# TYPE kafka_client_bytes_total counter
# HELP kafka_client_bytes_total Bytes on the wire, as librdkafka says.
kafka_client_bytes_total{messaging_destination_name="orders",instance="instance of host-1",job="shop"} 9007199254740993
# TYPE messaging_client_operation_duration_seconds histogram
# HELP messaging_client_operation_duration_seconds How long operations took.
messaging_client_operation_duration_seconds_bucket{messaging_destination_name="orders",instance="instance of host-1",job="shop",le="0.005"} 2
messaging_client_operation_duration_seconds_bucket{messaging_destination_name="orders",instance="instance of host-1",job="shop",le="1.0"} 3
messaging_client_operation_duration_seconds_bucket{messaging_destination_name="orders",instance="instance of host-1",job="shop",le="10.0"} 3
messaging_client_operation_duration_seconds_bucket{messaging_destination_name="orders",instance="instance of host-1",job="shop",le="+Inf"} 4
messaging_client_operation_duration_seconds_sum{messaging_destination_name="orders",instance="instance of host-1",job="shop"} 12.5
messaging_client_operation_duration_seconds_count{messaging_destination_name="orders",instance="instance of host-1",job="shop"} 4
# TYPE messaging_client_sent_messages_total counter
# HELP messaging_client_sent_messages_total Messages that were handed over.
messaging_client_sent_messages_total{messaging_destination_name="orders",instance="instance of host-1",job="shop"} 1234
# TYPE waybill_segment_fill_ratio gauge
# HELP waybill_segment_fill_ratio How full the segment is. A line\nbreak, and a \\.
waybill_segment_fill_ratio{messaging_destination_name="orders",instance="instance of host-1",job="shop"} 0.25
# TYPE waybill_sends_in_flight gauge
# HELP waybill_sends_in_flight Sends without an answer yet.
waybill_sends_in_flight{messaging_destination_name="orders",instance="instance of host-1",job="shop"} -3
)");
}

TEST(PrometheusTextTest, WritesUnitsAndTheLargestExemplarOfEachBucketInOpenMetrics) {
  const auto snapshot = SnapshotBuilder{}
                            .histogram(testing::kDuration, "orders", {2, 1, 0, 1}, 12.5)
                            .exemplar(0.002, SnapshotBuilder::kStart)
                            .exemplar(0.004, SnapshotBuilder::kStart + 1'000'000)
                            .exemplar(11, SnapshotBuilder::kStart + 2'000'000)
                            .count(testing::kSent, "orders", 7)
                            .exemplar(1, SnapshotBuilder::kStart)
                            .build();
  EXPECT_EQ(shown({target_of(snapshot)}, PrometheusFormat::kOpenMetrics), R"(# TYPE target info
# HELP target What is known of the program.
target_info{process_pid="42",instance="instance of host-1",job="shop"} 1
# TYPE messaging_client_operation_duration_seconds histogram
# UNIT messaging_client_operation_duration_seconds seconds
# HELP messaging_client_operation_duration_seconds How long operations took.
messaging_client_operation_duration_seconds_bucket{messaging_destination_name="orders",instance="instance of host-1",job="shop",le="0.005"} 2 # {trace_id="101112131415161718191a1b1c1d1e1f",span_id="4041424344454647"} 0.004 1700000000.001
messaging_client_operation_duration_seconds_bucket{messaging_destination_name="orders",instance="instance of host-1",job="shop",le="1.0"} 3
messaging_client_operation_duration_seconds_bucket{messaging_destination_name="orders",instance="instance of host-1",job="shop",le="10.0"} 3
messaging_client_operation_duration_seconds_bucket{messaging_destination_name="orders",instance="instance of host-1",job="shop",le="+Inf"} 4 # {trace_id="101112131415161718191a1b1c1d1e1f",span_id="4041424344454647"} 11.0 1700000000.002
messaging_client_operation_duration_seconds_sum{messaging_destination_name="orders",instance="instance of host-1",job="shop"} 12.5
messaging_client_operation_duration_seconds_count{messaging_destination_name="orders",instance="instance of host-1",job="shop"} 4
# TYPE messaging_client_sent_messages counter
# HELP messaging_client_sent_messages Messages that were handed over.
messaging_client_sent_messages_total{messaging_destination_name="orders",instance="instance of host-1",job="shop"} 7 # {trace_id="101112131415161718191a1b1c1d1e1f",span_id="4041424344454647"} 1.0 1700000000.000
# EOF
)");
}

TEST(PrometheusTextTest, GathersAMetricOfAllTargetsInOneFamily) {
  const std::string text = shown(
      {target_of(sample_snapshot("1")), target_of(sample_snapshot("2", "billing"))}, PrometheusFormat::kText);
  const std::regex family{"# TYPE messaging_client_sent_messages_total counter\n"};
  EXPECT_EQ(std::distance(std::sregex_iterator{text.begin(), text.end(), family}, {}), 1);
  EXPECT_NE(text.find("messaging_client_sent_messages_total{messaging_destination_name=\"orders\",instance="
                      "\"instance of 1\",job=\"shop\"} 1234\n"
                      "messaging_client_sent_messages_total{messaging_destination_name=\"orders\",instance="
                      "\"instance of 2\",job=\"billing\"} 1234\n"),
            std::string::npos);
}

TEST(PrometheusTextTest, LeavesOutAMetricWhoseTypeIsNotThatOfItsName) {
  static constexpr MetricDescription kCounter{"messaging.client.sent.messages.total", "", "",
                                              InstrumentKind::kCounter};
  static constexpr MetricDescription kGauge{"messaging.client.sent.messages", "", "", InstrumentKind::kGauge};
  const std::string text =
      shown({target_of(SnapshotBuilder{}.count(kCounter, "orders", 1).measure(kGauge, "orders", 2).build())},
            PrometheusFormat::kOpenMetrics);
  EXPECT_NE(text.find("# TYPE messaging_client_sent_messages counter"), std::string::npos);
  EXPECT_EQ(text.find("# TYPE messaging_client_sent_messages gauge"), std::string::npos);
}

TEST(PrometheusTextTest, IsAnEmptyPageBeforeAnybodyIsThere) {
  EXPECT_EQ(prometheus_text({}, PrometheusFormat::kText), "");
  EXPECT_EQ(prometheus_text({}, PrometheusFormat::kOpenMetrics), "# EOF\n");
}

TEST(PrometheusTextTest, TellsHostsApartByServiceAndInstance) {
  const auto with = [](const std::vector<Attribute>& attributes) {
    auto resource = std::make_shared<telemetry::Resource>();
    resource->attributes = attributes;
    return SnapshotBuilder{"source"}.resource(std::move(resource)).build();
  };
  const auto named = with({{"service.name", "a"}, {"service.namespace", "n"}, {"service.instance.id", "i"}});
  EXPECT_EQ(job_of(*named->resource), "n/a");
  EXPECT_EQ(instance_of(*named), "i");
  const auto bare = with({{"service.name", "a"}});
  EXPECT_EQ(job_of(*bare->resource), "a");
  EXPECT_EQ(instance_of(*bare), "source");
}

TEST(PrometheusNamesTest, MakesNamesOfWordsAndUnits) {
  const auto name = [](std::string_view text, std::string_view unit,
                       InstrumentKind instrument = InstrumentKind::kGauge) {
    return prometheus_name({text, unit, "", instrument});
  };
  EXPECT_EQ(name("kafka.consumer.lag", "{message}"), "kafka_consumer_lag");
  EXPECT_EQ(name("kafka.consumer.lag.time", "s"), "kafka_consumer_lag_time_seconds");
  EXPECT_EQ(name("time.seconds", "s"), "time_seconds");
  EXPECT_EQ(name("a.rate", "By/s"), "a_rate_bytes_per_second");
  EXPECT_EQ(name("a.rate", "{record}/s"), "a_rate_per_second");
  EXPECT_EQ(name("share", "1"), "share_ratio");
  EXPECT_EQ(name("calls", "1", InstrumentKind::kCounter), "calls");
  EXPECT_EQ(name("calls.total", "", InstrumentKind::kCounter), "calls");
  EXPECT_EQ(name("a..b--c", "furlong"), "a_b_c_furlong");
  EXPECT_EQ(name("9lives", ""), "_9lives");
}

TEST(PrometheusLabelsTest, WritesValuesOfEveryType) {
  static constexpr std::string_view kTexts[] = {"a", "b\""};
  const Attribute attributes[] = {{"text", "a \"b\" \\ c\nd"},
                                  {"bool", true},
                                  {"int", std::int64_t{-7}},
                                  {"double", 0.5},
                                  {"list", std::span<const std::string_view>{kTexts}}};
  EXPECT_EQ(prometheus_pairs(attributes),
            R"(bool="true",double="0.5",int="-7",list="[\"a\",\"b\\\"\"]",text="a \"b\" \\ c\nd")");
}

TEST(PrometheusLabelsTest, JoinsValuesWhoseNamesBecomeTheSame) {
  const Attribute attributes[] = {{"a.b", "2"}, {"a-b", "1"}, {"a_b", "3"}, {"other", "x"}};
  EXPECT_EQ(prometheus_pairs(attributes), R"(a_b="1;2;3",other="x")");
}

TEST(PrometheusLabelsTest, KeepsNamesFreeThatThePageGivesItself) {
  const Attribute attributes[] = {{"job", "1"}, {"le", "2"}, {"otel.scope.name", "3"}};
  EXPECT_EQ(prometheus_pairs(attributes), R"(exported_job="1",exported_le="2",exported_otel_scope_name="3")");
}

TEST(PrometheusLabelsTest, WritesNumbersSoThatTheyAreReadBackTheSame) {
  EXPECT_EQ(prometheus_number(1), "1.0");
  EXPECT_EQ(prometheus_number(0.1), "0.1");
  EXPECT_EQ(prometheus_number(1e300), "1e+300");
  EXPECT_EQ(prometheus_number(-HUGE_VAL), "-Inf");
  EXPECT_EQ(prometheus_number(std::nan("")), "NaN");
}

}  // namespace
}  // namespace waybill::exporters
