#include "waybill/exporters/otlp_log_encoder.h"

#include <absl/strings/escaping.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>
#include <opentelemetry/proto/collector/logs/v1/logs_service.pb.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "waybill/exporters/otlp_json_log_encoder.h"
#include "waybill/exporters/testing/sample_failures.h"
#include "waybill/support/version.h"

// What we encode is read back by the official messages, in both forms.
namespace waybill::exporters {
namespace {

using nlohmann::json;
using opentelemetry::proto::collector::logs::v1::ExportLogsServiceRequest;
using testing::failed_processing;
using testing::failed_sends;
using testing::spans_that_did_not_fail;
using OwnedBatches = std::vector<std::shared_ptr<const telemetry::SpanBatch>>;

ExportLogsServiceRequest decoded(const OwnedBatches& batches) {
  ExportLogsServiceRequest request;
  OtlpLogEncoder encoder;
  EXPECT_TRUE(request.ParseFromString(std::string{encoder.encode(batches)}));
  return request;
}

// Protobuf's own JSON has bytes in base64, where OTLP has ids in hexadecimal digits.
void make_ids_base64(json& value) {
  for (auto& [key, member] : value.items()) {
    if (key == "traceId" || key == "spanId") {
      member = absl::Base64Escape(absl::HexStringToBytes(member.get<std::string>()));
    } else if (member.is_structured()) {
      make_ids_base64(member);
    }
  }
}

ExportLogsServiceRequest from_json(const OwnedBatches& batches) {
  json text = json::parse(otlp_json_logs(batches));
  make_ids_base64(text);
  ExportLogsServiceRequest request;
  const auto status = google::protobuf::util::JsonStringToMessage(text.dump(), &request);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return request;
}

template <typename Id>
std::string bytes_of(const Id& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

TEST(OtlpLogEncoderTest, WritesEveryFieldOfARecordWhereTheOfficialMessageHasIt) {
  const telemetry::Span span = testing::sample_span();
  const ExportLogsServiceRequest request = decoded({failed_sends(1)});
  ASSERT_EQ(request.resource_logs_size(), 1);
  const auto& resource_logs = request.resource_logs(0);
  EXPECT_EQ(resource_logs.resource().attributes(0).value().string_value(), "shop");
  EXPECT_EQ(resource_logs.schema_url(), telemetry::kSchemaUrl);
  ASSERT_EQ(resource_logs.scope_logs_size(), 1);
  EXPECT_EQ(resource_logs.scope_logs(0).scope().name(), telemetry::kScopeName);
  EXPECT_EQ(resource_logs.scope_logs(0).scope().version(), kVersion);
  EXPECT_EQ(resource_logs.scope_logs(0).schema_url(), telemetry::kSchemaUrl);

  const auto& record = resource_logs.scope_logs(0).log_records(0);
  EXPECT_EQ(record.event_name(), "messaging.send.exception");
  EXPECT_EQ(record.severity_number(), opentelemetry::proto::logs::v1::SEVERITY_NUMBER_WARN);
  EXPECT_EQ(record.severity_text(), "WARN");
  EXPECT_EQ(record.time_unix_nano(), span.end_unix_ns);
  EXPECT_EQ(record.observed_time_unix_nano(), span.end_unix_ns);
  EXPECT_EQ(record.trace_id(), bytes_of(span.context.trace_id));
  EXPECT_EQ(record.span_id(), bytes_of(span.context.span_id));
  EXPECT_EQ(record.flags(), 1U);
  EXPECT_FALSE(record.has_body());
  ASSERT_EQ(record.attributes_size(), 9);
  EXPECT_EQ(record.attributes(0).key(), "exception.type");
  EXPECT_EQ(record.attributes(0).value().string_value(), "_MSG_TIMED_OUT");
  EXPECT_EQ(record.attributes(1).key(), "exception.message");
  EXPECT_EQ(record.attributes(1).value().string_value(), "Local: Message timed out");
  EXPECT_EQ(record.attributes(8).key(), "messaging.kafka.offset");
  EXPECT_EQ(record.attributes(8).value().int_value(), 1234);
}

TEST(OtlpLogEncoderTest, TellsFailedProcessingAsAnError) {
  const auto record = decoded({failed_processing()}).resource_logs(0).scope_logs(0).log_records(0);
  EXPECT_EQ(record.event_name(), "messaging.process.exception");
  EXPECT_EQ(record.severity_number(), opentelemetry::proto::logs::v1::SEVERITY_NUMBER_ERROR);
}

TEST(OtlpLogEncoderTest, KeepsTheBatchesOfSeveralResourcesApart) {
  const ExportLogsServiceRequest request = decoded({failed_sends(3), failed_processing()});
  ASSERT_EQ(request.resource_logs_size(), 2);
  EXPECT_EQ(request.resource_logs(0).scope_logs(0).log_records_size(), 3);
  EXPECT_EQ(request.resource_logs(1).resource().attributes(0).value().string_value(), "billing");
}

TEST(OtlpLogEncoderTest, HasNoRecordOfASpanThatDidNotFail) {
  EXPECT_EQ(decoded({spans_that_did_not_fail()}).resource_logs(0).scope_logs(0).log_records_size(), 0);
}

TEST(OtlpLogEncoderTest, WritesNothingThatTheOfficialMessagesWouldWriteOtherwise) {
  OtlpLogEncoder encoder;
  const std::string body{encoder.encode(OwnedBatches{failed_sends(3)})};
  ExportLogsServiceRequest request;
  ASSERT_TRUE(request.ParseFromString(body));
  EXPECT_EQ(request.SerializeAsString().size(), body.size());  // no unknown field, no field twice
  EXPECT_EQ(encoder.encode(OwnedBatches{failed_sends(3)}), body);
}

TEST(OtlpJsonLogEncoderTest, SaysTheSameAsProtobuf) {
  const OwnedBatches batches{failed_sends(2), failed_processing("\xff \"quoted\"\n"),
                             spans_that_did_not_fail()};
  const ExportLogsServiceRequest json_request = from_json(batches);
  const ExportLogsServiceRequest request = decoded(batches);
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(json_request, request))
      << json_request.DebugString() << request.DebugString();
}

TEST(OtlpJsonLogEncoderTest, WritesIdsNumbersAndEnumeratorsAsTheSpecificationSays) {
  const std::string text = otlp_json_log_line(OwnedBatches{failed_sends(1)});
  const json record = json::parse(text)["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0];
  EXPECT_EQ(record["traceId"], "101112131415161718191a1b1c1d1e1f");
  EXPECT_EQ(record["spanId"], "4041424344454647");
  EXPECT_EQ(record["timeUnixNano"], "1700000000125456789");
  EXPECT_EQ(record["severityNumber"], 13);
  EXPECT_EQ(text.find('\n'), text.size() - 1);
}

}  // namespace
}  // namespace waybill::exporters
