#include <absl/strings/escaping.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>
#include <opentelemetry/proto/collector/trace/v1/trace_service.pb.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "waybill/exporters/otlp_encoder.h"
#include "waybill/exporters/otlp_json_encoder.h"
#include "waybill/exporters/testing/sample_spans.h"

// What we write in JSON is read back by the official messages, and is the same that we write in protobuf.
namespace waybill::exporters {
namespace {

using nlohmann::json;
using opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest;
using testing::batch_of;
using testing::sample_shape;
using testing::sample_span;
using OwnedBatches = std::vector<std::shared_ptr<const telemetry::SpanBatch>>;

// Protobuf's own JSON has bytes in base64, where OTLP has ids in hexadecimal digits.
void make_ids_base64(json& value) {
  for (auto& [key, member] : value.items()) {
    if (key == "traceId" || key == "spanId" || key == "parentSpanId") {
      member = absl::Base64Escape(absl::HexStringToBytes(member.get<std::string>()));
    } else if (member.is_structured()) {
      make_ids_base64(member);
    }
  }
}

ExportTraceServiceRequest from_json(const OwnedBatches& batches) {
  json text = json::parse(otlp_json(batches));
  make_ids_base64(text);
  ExportTraceServiceRequest request;
  const auto status = google::protobuf::util::JsonStringToMessage(text.dump(), &request);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return request;
}

ExportTraceServiceRequest from_protobuf(const OwnedBatches& batches) {
  OtlpTraceEncoder encoder;
  ExportTraceServiceRequest request;
  EXPECT_TRUE(request.ParseFromString(std::string{encoder.encode(batches)}));
  return request;
}

void expect_same(const OwnedBatches& batches) {
  const ExportTraceServiceRequest json_request = from_json(batches);
  const ExportTraceServiceRequest request = from_protobuf(batches);
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(json_request, request))
      << json_request.DebugString() << request.DebugString();
}

TEST(OtlpJsonTest, SaysTheSameAsProtobuf) {
  expect_same({});
  expect_same({batch_of(std::size_t{2}), batch_of({sample_span()}, "other")});
}

TEST(OtlpJsonTest, SaysTheSameAsProtobufOfASpanThatHasLittle) {
  telemetry::Span span = sample_span();
  span.parent_span_id = {};
  span.parent_is_remote = false;
  span.trace_state = {};
  span.attributes = {};
  span.links = {};
  span.dropped_attributes_count = 0;
  span.dropped_links_count = 0;
  telemetry::SpanShape shape = sample_shape();
  shape.attributes = {};
  shape.dropped_attributes_count = 0;
  shape.status = telemetry::StatusCode::kUnset;
  expect_same({batch_of({span}, "shop", shape)});
}

TEST(OtlpJsonTest, SaysTheSameAsProtobufOfNumbersAtTheirEnds) {
  const std::vector<telemetry::Attribute> attributes{{"least", std::numeric_limits<std::int64_t>::min()},
                                                     {"most", std::numeric_limits<std::int64_t>::max()},
                                                     {"infinite", std::numeric_limits<double>::infinity()},
                                                     {"less", -std::numeric_limits<double>::infinity()},
                                                     {"small", std::numeric_limits<double>::denorm_min()}};
  telemetry::Span span = sample_span();
  span.attributes = attributes;
  span.start_unix_ns = std::numeric_limits<std::uint64_t>::max();
  expect_same({batch_of({span})});
}

TEST(OtlpJsonTest, SaysTheSameAsProtobufOfTextThatIsNoUtf8) {
  telemetry::SpanShape shape = sample_shape();
  shape.name = "send \xff \"quoted\"\n\x01";
  expect_same({batch_of({sample_span()}, "shop", shape)});
}

TEST(OtlpJsonTest, WritesIdsNumbersAndEnumeratorsAsTheSpecificationSays) {
  const std::string text = otlp_json(OwnedBatches{batch_of(std::size_t{1})});
  const json span = json::parse(text)["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
  EXPECT_EQ(span["traceId"], "101112131415161718191a1b1c1d1e1f");
  EXPECT_EQ(span["spanId"], "4041424344454647");
  EXPECT_EQ(span["parentSpanId"], "6061626364656667");
  EXPECT_EQ(span["startTimeUnixNano"], "1700000000123456789");
  EXPECT_EQ(span["kind"], 4);
  EXPECT_EQ(span["status"]["code"], 2);
  EXPECT_EQ(span["attributes"][1]["value"]["intValue"], "1234");
  EXPECT_EQ(text.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace waybill::exporters
