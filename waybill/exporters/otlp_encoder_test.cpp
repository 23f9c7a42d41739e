#include "waybill/exporters/otlp_encoder.h"

#include <gtest/gtest.h>
#include <opentelemetry/proto/collector/trace/v1/trace_service.pb.h>

#include <deque>
#include <random>

#include "waybill/exporters/testing/sample_spans.h"
#include "waybill/support/version.h"

// What we encode is read back by the official messages.
namespace waybill::exporters {
namespace {

namespace proto = opentelemetry::proto;
using proto::collector::trace::v1::ExportTraceServiceRequest;
using proto::collector::trace::v1::ExportTraceServiceResponse;
using testing::batch_of;
using testing::sample_shape;
using testing::sample_span;

using Batches = std::vector<std::shared_ptr<const telemetry::SpanBatch>>;

ExportTraceServiceRequest decoded(const Batches& batches) {
  ExportTraceServiceRequest request;
  OtlpTraceEncoder encoder;
  EXPECT_TRUE(request.ParseFromString(std::string{encoder.encode(batches)}));
  return request;
}

template <typename Id>
std::string bytes_of(const Id& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

TEST(OtlpEncoderTest, WritesEveryFieldOfASpanWhereTheOfficialMessageHasIt) {
  const telemetry::Span span = sample_span();
  const ExportTraceServiceRequest request = decoded({batch_of({span})});
  ASSERT_EQ(request.resource_spans_size(), 1);
  const auto& resource_spans = request.resource_spans(0);
  EXPECT_EQ(resource_spans.resource().attributes(0).key(), "service.name");
  EXPECT_EQ(resource_spans.resource().attributes(0).value().string_value(), "shop");
  EXPECT_EQ(resource_spans.schema_url(), telemetry::kSchemaUrl);
  ASSERT_EQ(resource_spans.scope_spans_size(), 1);
  EXPECT_EQ(resource_spans.scope_spans(0).scope().name(), telemetry::kScopeName);
  EXPECT_EQ(resource_spans.scope_spans(0).scope().version(), kVersion);
  EXPECT_EQ(resource_spans.scope_spans(0).schema_url(), telemetry::kSchemaUrl);

  const auto& read = resource_spans.scope_spans(0).spans(0);
  EXPECT_EQ(read.trace_id(), bytes_of(span.context.trace_id));
  EXPECT_EQ(read.span_id(), bytes_of(span.context.span_id));
  EXPECT_EQ(read.parent_span_id(), bytes_of(span.parent_span_id));
  EXPECT_EQ(read.trace_state(), span.trace_state);
  EXPECT_EQ(read.flags(), 0x301U);
  EXPECT_EQ(read.name(), "send orders");
  EXPECT_EQ(read.kind(), proto::trace::v1::Span::SPAN_KIND_PRODUCER);
  EXPECT_EQ(read.start_time_unix_nano(), span.start_unix_ns);
  EXPECT_EQ(read.end_time_unix_nano(), span.end_unix_ns);
  ASSERT_EQ(read.attributes_size(), 5);
  EXPECT_EQ(read.attributes(0).value().string_value(), "3");
  EXPECT_EQ(read.attributes(1).value().int_value(), 1234);
  EXPECT_TRUE(read.attributes(2).value().bool_value());
  EXPECT_DOUBLE_EQ(read.attributes(3).value().double_value(), 1.5);
  EXPECT_EQ(read.attributes(4).value().array_value().values(1).string_value(), "b");
  EXPECT_EQ(read.dropped_attributes_count(), 2U);
  ASSERT_EQ(read.links_size(), 1);
  EXPECT_EQ(read.links(0).trace_id(), bytes_of(span.links[0].context.trace_id));
  EXPECT_EQ(read.links(0).span_id(), bytes_of(span.links[0].context.span_id));
  EXPECT_EQ(read.links(0).trace_state(), "other=2");
  EXPECT_EQ(read.links(0).flags(), 0x300U);
  EXPECT_EQ(read.links(0).attributes(0).value().int_value(), -1);
  EXPECT_EQ(read.dropped_links_count(), 7U);
  EXPECT_EQ(read.status().code(), proto::trace::v1::Status::STATUS_CODE_ERROR);
  EXPECT_EQ(read.status().message(), "Local: Message timed out");
}

TEST(OtlpEncoderTest, LeavesOutWhatARootSpanWithoutErrorDoesNotHave) {
  telemetry::Span span = sample_span();
  span.parent_span_id = {};
  span.parent_is_remote = false;
  span.trace_state = {};
  telemetry::SpanShape shape = sample_shape();
  shape.status = telemetry::StatusCode::kUnset;
  const ExportTraceServiceRequest request = decoded({batch_of({span}, "shop", shape)});
  const auto& read = request.resource_spans(0).scope_spans(0).spans(0);
  EXPECT_EQ(read.parent_span_id(), "");
  EXPECT_EQ(read.trace_state(), "");
  EXPECT_FALSE(read.has_status());
  EXPECT_EQ(read.flags(), 0x101U);
}

TEST(OtlpEncoderTest, WritesNothingThatTheOfficialMessagesWouldWriteOtherwise) {
  OtlpTraceEncoder encoder;
  const std::string body{encoder.encode(Batches{batch_of(3)})};
  ExportTraceServiceRequest request;
  ASSERT_TRUE(request.ParseFromString(body));
  std::string again;
  ASSERT_TRUE(request.SerializeToString(&again));
  EXPECT_EQ(again.size(), body.size());  // no unknown field, no field twice; the order of fields may differ
}

TEST(OtlpEncoderTest, EncodesTheSameTwiceAlthoughItRemembersShapes) {
  telemetry::SpanShape other = sample_shape();
  other.name = "send payments";
  const Batches batches{batch_of(2), batch_of({sample_span()}, "shop", other), batch_of(1)};
  OtlpTraceEncoder encoder;
  const std::string first{encoder.encode(batches)};
  EXPECT_EQ(encoder.encode(batches), first);
  EXPECT_EQ(decoded(batches).resource_spans(1).scope_spans(0).spans(0).name(), "send payments");
}

TEST(OtlpEncoderTest, KeepsTheBatchesOfSeveralResourcesApart) {
  const ExportTraceServiceRequest request =
      decoded({batch_of({sample_span()}, "one"), batch_of({sample_span(), sample_span()}, "two")});
  ASSERT_EQ(request.resource_spans_size(), 2);
  EXPECT_EQ(request.resource_spans(1).resource().attributes(0).value().string_value(), "two");
  EXPECT_EQ(request.resource_spans(1).scope_spans(0).spans_size(), 2);
}

TEST(OtlpEncoderTest, ReplacesBytesThatAreNotUtf8BecauseTheReceiverWouldRefuseTheWholeRequest) {
  telemetry::SpanShape shape = sample_shape();
  shape.name = "send \xff\xfe grün \xe2\x82";
  const ExportTraceServiceRequest request = decoded({batch_of({sample_span()}, "shop", shape)});
  EXPECT_EQ(request.resource_spans(0).scope_spans(0).spans(0).name(),
            "send \xef\xbf\xbd\xef\xbf\xbd grün \xef\xbf\xbd\xef\xbf\xbd");
}

TEST(OtlpEncoderTest, EncodesRandomSpansSoThatTheyReadBackTheSame) {
  std::mt19937_64 random{20261124};
  const auto text = [&](std::size_t most) {
    std::string value(random() % most, 'x');
    for (char& character : value) character = static_cast<char>(' ' + random() % 90);
    return value;
  };
  for (int round = 0; round < 200; ++round) {
    telemetry::Span span = sample_span();
    telemetry::SpanShape shape = sample_shape();
    const std::string name = text(300);
    shape.name = name;
    shape.attributes = {};
    span.start_unix_ns = random();
    std::deque<std::string> texts;
    std::vector<telemetry::Attribute> attributes;
    for (std::size_t count = random() % 40; count != 0; --count) {
      attributes.push_back({texts.emplace_back(text(200)), static_cast<std::int64_t>(random())});
      attributes.push_back({texts.emplace_back(text(200)), texts.emplace_back(text(40'000))});
    }
    span.attributes = attributes;
    const ExportTraceServiceRequest request = decoded({batch_of({span}, "shop", shape)});
    const auto& read = request.resource_spans(0).scope_spans(0).spans(0);
    ASSERT_EQ(read.name(), shape.name);
    ASSERT_EQ(read.start_time_unix_nano(), span.start_unix_ns);
    ASSERT_EQ(static_cast<std::size_t>(read.attributes_size()), span.attributes.size());
    for (int at = 0; at < read.attributes_size(); ++at) {
      const telemetry::Attribute& attribute = span.attributes[static_cast<std::size_t>(at)];
      ASSERT_EQ(read.attributes(at).key(), attribute.key);
      if (const auto* string = std::get_if<std::string_view>(&attribute.value)) {
        ASSERT_EQ(read.attributes(at).value().string_value(), *string);
      } else {
        ASSERT_EQ(read.attributes(at).value().int_value(), std::get<std::int64_t>(attribute.value));
      }
    }
  }
}

}  // namespace
}  // namespace waybill::exporters
