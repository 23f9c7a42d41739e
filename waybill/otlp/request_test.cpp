#include "waybill/otlp/request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "opentelemetry/proto/collector/metrics/v1/metrics_service.pb.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"
#include "waybill/otlp/span_json.h"

namespace waybill::otlp {
namespace {

using evidence::Operation;
using ::testing::HasSubstr;

constexpr const char* kTrace = "0102030405060708090a0b0c0d0e0f10";
constexpr const char* kSpan = "1112131415161718";

// A request with one span as a client would write it in JSON.
std::string request_of(const std::string& attributes, const std::string& more = "") {
  return R"({"resourceSpans":[{"resource":{"attributes":[
      {"key":"service.name","value":{"stringValue":"orders"}},
      {"key":"service.instance.id","value":{"stringValue":"one"}}]},
    "scopeSpans":[{"spans":[{"traceId":")" +
         std::string{kTrace} + R"(","spanId":")" + kSpan +
         R"(","name":"send orders","kind":4,"startTimeUnixNano":"1000","endTimeUnixNano":"3000",)" + more +
         R"("attributes":[)" + attributes + "]}]}]}]}";
}

std::string text(const std::string& name, const std::string& value) {
  return R"({"key":")" + name + R"(","value":{"stringValue":")" + value + R"("}})";
}

std::string number(const std::string& name, std::int64_t value) {
  return R"({"key":")" + name + R"(","value":{"intValue":")" + std::to_string(value) + R"("}})";
}

evidence::Span span_of(const std::string& attributes, const std::string& more = "") {
  const auto received = read_request(Signal::kTraces, Encoding::kJson, request_of(attributes, more));
  EXPECT_TRUE(received) << received.error().message;
  EXPECT_EQ(received->spans.size(), 1U) << received->why;
  return received->spans.at(0);
}

TEST(RequestTest, ReadsTheSameSpanFromJsonAndFromProtobuf) {
  const evidence::Span span =
      span_of(text("messaging.system", "kafka"), R"("parentSpanId":"2122232425262728",)");
  EXPECT_EQ(digits_of(span.trace_id), kTrace);
  EXPECT_EQ(digits_of(span.span_id), kSpan);
  EXPECT_EQ(digits_of(span.parent_id), "2122232425262728");
  EXPECT_EQ(span.service, "orders");
  EXPECT_EQ(span.instance, "one");
  EXPECT_EQ(span.start_ns, 1000);
  EXPECT_EQ(span.end_ns, 3000);

  opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest request;
  auto* of_resource = request.add_resource_spans();
  ASSERT_TRUE(of_resource->mutable_resource()->ParseFromString(span.resource));
  ASSERT_TRUE(of_resource->add_scope_spans()->add_spans()->ParseFromString(span.body));
  const auto again = read_request(Signal::kTraces, Encoding::kProtobuf, request.SerializeAsString());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->spans.at(0).trace_id, span.trace_id);
  EXPECT_EQ(again->spans.at(0).body, span.body);
  EXPECT_EQ(again->spans.at(0).operation, Operation::kSend);
}

TEST(RequestTest, ReadsWaybillsOwnSend) {
  const evidence::Span span = span_of(
      text("messaging.system", "kafka") + "," + text("messaging.operation.type", "send") + "," +
      text("messaging.destination.name", "orders") + "," + text("messaging.destination.partition.id", "0") +
      "," + number("messaging.kafka.offset", 0) + "," + text("messaging.kafka.message.key", "k") + "," +
      number("waybill.kafka.acks", -1) + "," + text("waybill.kafka.persistence", "possibly_persisted") + "," +
      R"({"key":"waybill.kafka.queue_time_ms","value":{"doubleValue":1.5}},)"
      R"({"key":"waybill.unfinished","value":{"boolValue":true}})");
  EXPECT_TRUE(span.unfinished);
  EXPECT_EQ(span.operation, Operation::kSend);
  EXPECT_EQ(span.place, (evidence::Place{"orders", 0, 0}));
  EXPECT_TRUE(span.place.is_exact());
  EXPECT_EQ(span.key, "k");
  EXPECT_EQ(span.acks, -1);
  EXPECT_EQ(span.persistence, evidence::Persistence::kPossiblyPersisted);
  EXPECT_EQ(span.queue_ms, 1.5);
  EXPECT_FALSE(span.broker_ms);
}

TEST(RequestTest, ReadsTheNamesOfOlderConventions) {
  const evidence::Span java = span_of(
      text("messaging.system", "kafka") + "," + text("messaging.operation", "process") + "," +
      text("messaging.destination.name", "orders") + "," + text("messaging.kafka.consumer.group", "billing") +
      "," + text("messaging.client_id", "c1") + "," + text("messaging.destination.partition.id", "7") + "," +
      number("messaging.kafka.message.offset", 12));
  EXPECT_EQ(java.operation, Operation::kProcess);
  EXPECT_EQ(java.place, (evidence::Place{"orders", 7, 12}));
  EXPECT_EQ(java.group, "billing");
  EXPECT_EQ(java.client_id, "c1");

  const evidence::Span python =
      span_of(text("messaging.system", "kafka") + "," + text("messaging.destination", "orders") + "," +
              number("messaging.kafka.partition", 3) + "," + text("messaging.operation", "publish"));
  EXPECT_EQ(python.operation, Operation::kSend);
  EXPECT_EQ(python.place, (evidence::Place{"orders", 3, -1}));
}

TEST(RequestTest, LeavesOtherMessagingSystemsAlone) {
  const evidence::Span span =
      span_of(text("messaging.system", "rabbitmq") + "," + text("messaging.destination.name", "orders"));
  EXPECT_EQ(span.operation, Operation::kOther);
  EXPECT_EQ(span.place, evidence::Place{});
}

TEST(RequestTest, ReadsLinksWithTheirPlaces) {
  const evidence::Span span = span_of(
      text("messaging.system", "kafka"),
      R"("links":[{"traceId":"ff02030405060708090a0b0c0d0e0f10","spanId":"ff12131415161718","attributes":[)" +
          number("messaging.kafka.offset", 5) +
          R"(]},{"traceId":"00000000000000000000000000000000","spanId":"ff12131415161718"}],)");
  ASSERT_EQ(span.links.size(), 1U);
  EXPECT_EQ(digits_of(span.links[0].trace_id), "ff02030405060708090a0b0c0d0e0f10");
  EXPECT_EQ(span.links[0].place.offset, 5);
}

TEST(RequestTest, KnowsForHowManySpansOneStands) {
  EXPECT_EQ(span_of("", R"("traceState":"ot=th:c",)").adjusted_count, 4);
  EXPECT_EQ(span_of("", R"("traceState":"vendor=1,ot=rv:1;th:8",)").adjusted_count, 2);
  EXPECT_EQ(span_of("", R"("traceState":"ot=th:0",)").adjusted_count, 1);
  EXPECT_FALSE(span_of("", R"("traceState":"ot=th:x",)").adjusted_count);
  EXPECT_FALSE(span_of("", R"("traceState":"vendor=th:8",)").adjusted_count);
  EXPECT_FALSE(span_of("").adjusted_count);
}

TEST(RequestTest, RejectsOneSpanAndKeepsTheOthers) {
  const std::string good = request_of("");
  std::string two = good;
  const auto at = two.find(R"("spans":[)") + 9;
  two.insert(at, R"({"traceId":"00000000000000000000000000000000","spanId":"1112131415161718"},)");
  const auto received = read_request(Signal::kTraces, Encoding::kJson, two);
  ASSERT_TRUE(received);
  EXPECT_EQ(received->spans.size(), 1U);
  EXPECT_EQ(received->rejected, 1);
  const auto answer = nlohmann::json::parse(write_response(Signal::kTraces, Encoding::kJson, *received));
  EXPECT_EQ(answer["partialSuccess"]["rejectedSpans"], "1");
  EXPECT_THAT(answer["partialSuccess"]["errorMessage"], HasSubstr("trace_id"));
}

TEST(RequestTest, AnswersASuccessWithAnEmptyMessage) {
  EXPECT_EQ(write_response(Signal::kTraces, Encoding::kJson, {}), "{}");
  EXPECT_EQ(write_response(Signal::kLogs, Encoding::kProtobuf, {}), "");
}

TEST(RequestTest, SaysWhatABodyIsNot) {
  for (const Signal signal : {Signal::kTraces, Signal::kMetrics, Signal::kLogs}) {
    EXPECT_FALSE(read_request(signal, Encoding::kProtobuf, "\xff\xff"));
    const auto json = read_request(signal, Encoding::kJson, "{\"resource");
    ASSERT_FALSE(json);
    EXPECT_THAT(json.error().message, HasSubstr("ServiceRequest in JSON"));
  }
  EXPECT_EQ(nlohmann::json::parse(write_failure(Encoding::kJson, 3, "why"))["message"], "why");
  EXPECT_EQ(write_failure(Encoding::kProtobuf, 3, "why"), std::string{"\x08\x03\x12\x03why"});
}

TEST(RequestTest, ReadsPointsOfEachKind) {
  const auto received =
      read_request(Signal::kMetrics, Encoding::kJson, R"({"resourceMetrics":[{"resource":{"attributes":[
      {"key":"service.name","value":{"stringValue":"billing"}}]},"scopeMetrics":[{"metrics":[
      {"name":"kafka.consumer.lag","gauge":{"dataPoints":[{"timeUnixNano":"5","asInt":"7","attributes":[
        {"key":"messaging.consumer.group.name","value":{"stringValue":"g"}},
        {"key":"messaging.destination.name","value":{"stringValue":"orders"}},
        {"key":"messaging.destination.partition.id","value":{"stringValue":"2"}},
        {"key":"z","value":{"intValue":"1"}},{"key":"a","value":{"stringValue":"b"}}]}]}},
      {"name":"sent","sum":{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[{"startTimeUnixNano":"1","timeUnixNano":"5","asDouble":2.5}]}},
      {"name":"time","histogram":{"aggregationTemporality":1,"dataPoints":[
        {"timeUnixNano":"5","count":"3","sum":0.5,"explicitBounds":[1],"bucketCounts":["2","1"]},
        {"timeUnixNano":"5","count":"3","sum":0.5,"explicitBounds":[1,2],"bucketCounts":["2","1"]}]}}]}]}]})");
  ASSERT_TRUE(received) << received.error().message;
  ASSERT_EQ(received->points.size(), 3U);
  const auto& lag = received->points[0];
  EXPECT_EQ(lag.series.metric, "kafka.consumer.lag");
  EXPECT_EQ(lag.series.kind, evidence::MetricKind::kGauge);
  EXPECT_EQ(lag.series.service, "billing");
  EXPECT_EQ(lag.series.group, "g");
  EXPECT_EQ(lag.series.topic, "orders");
  EXPECT_EQ(lag.series.partition, 2);
  EXPECT_EQ(lag.series.others, "a=b\nz=1");
  EXPECT_EQ(lag.value, 7);
  EXPECT_EQ(received->points[1].series.kind, evidence::MetricKind::kCumulativeSum);
  EXPECT_EQ(received->points[2].series.kind, evidence::MetricKind::kDeltaHistogram);
  EXPECT_EQ(received->points[2].buckets, (std::vector<std::uint64_t>{2, 1}));
  EXPECT_EQ(received->rejected, 1);
}

TEST(RequestTest, ReadsLogRecords) {
  const auto received =
      read_request(Signal::kLogs, Encoding::kJson, R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[
      {"timeUnixNano":"5","severityNumber":17,"eventName":"messaging.process.exception","traceId":"0102030405060708090a0b0c0d0e0f10",
       "spanId":"1112131415161718","attributes":[{"key":"exception.type","value":{"stringValue":"Refused"}},
       {"key":"exception.message","value":{"stringValue":"no such customer"}}]}]}]}]})");
  ASSERT_TRUE(received) << received.error().message;
  const auto& record = received->log_records.at(0);
  EXPECT_EQ(record.severity, 17);
  EXPECT_EQ(record.event_name, "messaging.process.exception");
  EXPECT_EQ(digits_of(record.span_id), kSpan);
  EXPECT_EQ(record.error_type, "Refused");
  EXPECT_EQ(record.text, "no such customer");
}

TEST(SpanJsonTest, WritesSpansAsTheyCame) {
  const evidence::Span span =
      span_of(text("messaging.system", "kafka"),
              R"("events":[{"name":"e","timeUnixNano":"2000000"}],"status":{"code":2,"message":"no"},)");
  const auto details = span_details(span);
  EXPECT_EQ(details["attributes"]["messaging.system"], "kafka");
  EXPECT_EQ(details["resource"]["service.name"], "orders");
  EXPECT_EQ(details["events"][0]["time_ms"], 2.0);
  EXPECT_EQ(details["status_message"], "no");

  const std::vector<evidence::Span> spans{span, span};
  const auto json = nlohmann::json::parse(traces_data(spans));
  ASSERT_EQ(json["resourceSpans"].size(), 1U);
  const auto& written = json["resourceSpans"][0]["scopeSpans"][0]["spans"];
  EXPECT_EQ(written.size(), 2U);
  EXPECT_EQ(written[0]["traceId"], kTrace);
  EXPECT_EQ(written[0]["kind"], 4);
  const auto again = read_request(Signal::kTraces, Encoding::kJson, traces_data(spans));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->spans.at(1).body, span.body);
}

}  // namespace
}  // namespace waybill::otlp
