#include "waybill/exporters/otlp_response.h"

#include <gtest/gtest.h>
#include <opentelemetry/proto/collector/trace/v1/trace_service.pb.h>

namespace waybill::exporters {
namespace {

using opentelemetry::proto::collector::trace::v1::ExportTraceServiceResponse;

TEST(OtlpResponseTest, SaysHowManySpansAReceiverDidNotTake) {
  ExportTraceServiceResponse response;
  EXPECT_EQ(decode_otlp_response(response.SerializeAsString()).rejected_items, 0U);
  response.mutable_partial_success()->set_rejected_spans(300);
  response.mutable_partial_success()->set_error_message("too many");
  const PartialSuccess partial = decode_otlp_response(response.SerializeAsString());
  EXPECT_EQ(partial.rejected_items, 300U);
  EXPECT_EQ(partial.message, "too many");
}

TEST(OtlpResponseTest, TakesAnUnreadableResponseForFullSuccess) {
  for (const char* body : {"", "<html>", "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "\x0a\x05\x08"}) {
    EXPECT_EQ(decode_otlp_response(body).rejected_items, 0U);
  }
}

TEST(OtlpResponseTest, ReadsTheSameInJson) {
  const auto rejected = [](const char* body) { return decode_otlp_json_response(body).rejected_items; };
  EXPECT_EQ(rejected(R"({"partialSuccess":{"rejectedSpans":"300","errorMessage":"too many"}})"), 300U);
  EXPECT_EQ(rejected(R"({"partialSuccess":{"rejectedSpans":300}})"), 300U);
  EXPECT_EQ(rejected(R"({"partialSuccess":{"rejectedDataPoints":"300"}})"), 300U);
  EXPECT_EQ(rejected(R"({"partialSuccess":{"rejectedLogRecords":"300"}})"), 300U);
  EXPECT_EQ(decode_otlp_json_response(R"({"partialSuccess":{"errorMessage":"too many"}})").message,
            "too many");
  for (const char* body : {"", "{}", "<html>", "[]", R"({"partialSuccess":7})", R"({"partialSuccess":null})",
                           R"({"partialSuccess":{"rejectedSpans":-1,"errorMessage":3}})"})
    EXPECT_EQ(rejected(body), 0U) << body;
}

}  // namespace
}  // namespace waybill::exporters
