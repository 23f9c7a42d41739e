#include "waybill/exporters/zipkin_encoder.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "waybill/exporters/testing/sample_spans.h"
#include "waybill/support/version.h"

namespace waybill::exporters {
namespace {

using nlohmann::json;
using testing::batch_of;
using testing::sample_shape;
using testing::sample_span;

json encoded(const std::vector<std::shared_ptr<const telemetry::SpanBatch>>& batches) {
  ZipkinEncoder encoder;
  return json::parse(encoder.encode(batches));
}

// One span of this kind with these attributes and no more.
json span_with(telemetry::SpanKind kind, const std::vector<telemetry::Attribute>& attributes) {
  telemetry::SpanShape shape = sample_shape();
  shape.kind = kind;
  telemetry::Span span = sample_span();
  span.attributes = attributes;
  return encoded({batch_of({span}, "shop", shape)})[0];
}

TEST(ZipkinEncoderTest, WritesASpanAsTheSpecificationSays) {
  const json spans = encoded({batch_of(std::size_t{1})});
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0], json::parse(R"({
    "traceId": "101112131415161718191a1b1c1d1e1f",
    "id": "4041424344454647",
    "parentId": "6061626364656667",
    "kind": "PRODUCER",
    "name": "send orders",
    "timestamp": 1700000000123456,
    "duration": 2000,
    "localEndpoint": {"serviceName": "shop"},
    "tags": {
      "messaging.destination.partition.id": "3",
      "messaging.kafka.offset": "1234",
      "messaging.kafka.message.tombstone": "true",
      "waybill.kafka.queue_time_ms": "1.5",
      "messaging.header.kind": "[\"a\",\"b\"]",
      "otel.status_code": "ERROR",
      "error": "Local: Message timed out",
      "otel.dropped_attributes_count": "2",
      "otel.dropped_links_count": "7",
      "otel.scope.name": "waybill.kafka",
      "otel.scope.version": ")" + std::string{kVersion} +
                                  R"(",
      "otel.library.name": "waybill.kafka",
      "otel.library.version": ")" +
                                  kVersion + R"("
    }
  })"));
}

TEST(ZipkinEncoderTest, NamesKindsAsZipkinDoesAndLeavesOutInternal) {
  using enum telemetry::SpanKind;
  EXPECT_EQ(span_with(kProducer, {})["kind"], "PRODUCER");
  EXPECT_EQ(span_with(kConsumer, {})["kind"], "CONSUMER");
  EXPECT_EQ(span_with(kClient, {})["kind"], "CLIENT");
  EXPECT_EQ(span_with(kServer, {})["kind"], "SERVER");
  EXPECT_FALSE(span_with(kInternal, {}).contains("kind"));
}

TEST(ZipkinEncoderTest, LeavesOutWhatARootSpanWithoutErrorDoesNotHave) {
  telemetry::Span span = sample_span();
  span.parent_span_id = {};
  span.dropped_attributes_count = 0;
  span.dropped_links_count = 0;
  telemetry::SpanShape shape = sample_shape();
  shape.dropped_attributes_count = 0;
  shape.status = telemetry::StatusCode::kUnset;
  const json read = encoded({batch_of({span}, "shop", shape)})[0];
  EXPECT_FALSE(read.contains("parentId"));
  for (const char* tag :
       {"otel.status_code", "error", "otel.dropped_attributes_count", "otel.dropped_links_count"})
    EXPECT_FALSE(read["tags"].contains(tag)) << tag;
}

TEST(ZipkinEncoderTest, SaysThatASpanWentWellOnlyWhenItsStatusDoes) {
  telemetry::SpanShape shape = sample_shape();
  shape.status = telemetry::StatusCode::kOk;
  const json tags = encoded({batch_of({sample_span()}, "shop", shape)})[0]["tags"];
  EXPECT_EQ(tags["otel.status_code"], "OK");
  EXPECT_FALSE(tags.contains("error"));
}

TEST(ZipkinEncoderTest, WritesAnEmptyErrorWhenAFailedSpanHasNoMessage) {
  telemetry::SpanShape shape = sample_shape();
  shape.status_message = {};
  EXPECT_EQ(encoded({batch_of({sample_span()}, "shop", shape)})[0]["tags"]["error"], "");
}

TEST(ZipkinEncoderTest, NeverWritesADurationBelowAMicrosecond) {
  telemetry::Span span = sample_span();
  const auto duration_of = [&](std::uint64_t duration_ns) {
    span.end_unix_ns = span.start_unix_ns + duration_ns;
    return encoded({batch_of({span})})[0]["duration"];
  };
  EXPECT_EQ(duration_of(0), 1);
  EXPECT_EQ(duration_of(999), 1);
  EXPECT_EQ(duration_of(1'234), 1);
  EXPECT_EQ(duration_of(2'999), 2);
  span.end_unix_ns = span.start_unix_ns - 1;  // a host may write what it likes
  EXPECT_EQ(encoded({batch_of({span})})[0]["duration"], 1);
}

TEST(ZipkinEncoderTest, NamesTheBrokerAsTheRemoteEndpoint) {
  using enum telemetry::SpanKind;
  const std::vector<telemetry::Attribute> broker{{"network.peer.address", "10.0.0.1"},
                                                 {"network.peer.port", std::int64_t{1}},
                                                 {"server.address", "broker-1"},
                                                 {"server.port", std::int64_t{9092}}};
  for (const telemetry::SpanKind kind : {kProducer, kConsumer, kClient}) {
    EXPECT_EQ(span_with(kind, broker)["remoteEndpoint"], (json{{"serviceName", "broker-1"}, {"port", 9092}}));
  }
  for (const telemetry::SpanKind kind : {kInternal, kServer})
    EXPECT_FALSE(span_with(kind, broker).contains("remoteEndpoint"));
}

TEST(ZipkinEncoderTest, TakesTheRemoteEndpointFromTheBestAttributeThereIs) {
  const std::vector<std::string_view> ranked{"peer.service",
                                             "server.address",
                                             "net.peer.name",
                                             "network.peer.address",
                                             "server.socket.domain",
                                             "server.socket.address",
                                             "net.sock.peer.name",
                                             "net.sock.peer.addr",
                                             "peer.hostname",
                                             "peer.address",
                                             "db.name"};
  std::vector<telemetry::Attribute> attributes;
  for (auto name = ranked.rbegin(); name != ranked.rend(); ++name) {
    attributes.push_back({*name, *name});
    EXPECT_EQ(span_with(telemetry::SpanKind::kClient, attributes)["remoteEndpoint"],
              (json{{"serviceName", *name}}));
  }
}

TEST(ZipkinEncoderTest, WritesAddressesOfTheRemoteEndpointAsSuch) {
  const auto remote = [](std::string_view address) {
    return span_with(
        telemetry::SpanKind::kProducer,
        {{"network.peer.address", address}, {"network.peer.port", std::int64_t{9092}}})["remoteEndpoint"];
  };
  EXPECT_EQ(remote("10.1.2.3"), (json{{"serviceName", "10.1.2.3"}, {"ipv4", "10.1.2.3"}, {"port", 9092}}));
  EXPECT_EQ(remote("::1"), (json{{"serviceName", "::1"}, {"ipv6", "::1"}, {"port", 9092}}));
}

TEST(ZipkinEncoderTest, KeepsWhatTheUserSaysAboutAServiceAsTags) {
  auto batch = batch_of(std::size_t{1});
  auto resource = std::make_shared<telemetry::Resource>();
  resource->attributes = {{"service.name", "shop"},
                          {"service.namespace", "retail"},
                          {"process.pid", std::int64_t{7}},
                          {"messaging.kafka.offset", "of the resource"}};
  batch->resource = resource;
  const json span = encoded({batch})[0];
  EXPECT_EQ(span["localEndpoint"], (json{{"serviceName", "shop"}}));
  EXPECT_FALSE(span["tags"].contains("service.name"));
  EXPECT_EQ(span["tags"]["service.namespace"], "retail");
  EXPECT_EQ(span["tags"]["process.pid"], "7");
  EXPECT_EQ(span["tags"]["messaging.kafka.offset"], "1234");  // the span's own wins
}

TEST(ZipkinEncoderTest, WritesTheSpansOfSeveralBatchesIntoOneArray) {
  const json spans =
      encoded({batch_of({sample_span()}, "one"), batch_of({sample_span(), sample_span()}, "two")});
  ASSERT_EQ(spans.size(), 3U);
  EXPECT_EQ(spans[0]["localEndpoint"]["serviceName"], "one");
  EXPECT_EQ(spans[2]["localEndpoint"]["serviceName"], "two");
}

TEST(ZipkinEncoderTest, ReplacesBytesThatAreNotUtf8) {
  telemetry::SpanShape shape = sample_shape();
  shape.name = "send \xff gr\xc3\xbcn";
  EXPECT_EQ(encoded({batch_of({sample_span()}, "shop", shape)})[0]["name"], "send \xef\xbf\xbd gr\xc3\xbcn");
}

}  // namespace
}  // namespace waybill::exporters
