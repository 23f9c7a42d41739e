#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "waybill/telemetry/span_shapes.h"

// Spans for the tests of exporters.
namespace waybill::exporters::testing {

template <typename Id>
Id id_of(std::uint8_t first) {
  Id id;
  for (std::uint8_t& byte : id.bytes) byte = first++;
  return id;
}

// The shape of a failed send.
inline telemetry::SpanShape sample_shape() {
  static const telemetry::Attribute attributes[] = {{"messaging.destination.partition.id", "3"}};
  telemetry::SpanShape shape;
  shape.name = "send orders";
  shape.kind = telemetry::SpanKind::kProducer;
  shape.attributes = attributes;
  shape.dropped_attributes_count = 1;
  shape.status = telemetry::StatusCode::kError;
  shape.status_message = "Local: Message timed out";
  return shape;
}

// A send of orders/3@1234, child of a remote span, with a value of each type; without its shape.
inline telemetry::Span sample_span() {
  static const std::string_view kinds[] = {"a", "b"};
  static const telemetry::Attribute attributes[] = {{"messaging.kafka.offset", std::int64_t{1234}},
                                                    {"messaging.kafka.message.tombstone", true},
                                                    {"waybill.kafka.queue_time_ms", 1.5},
                                                    {"messaging.header.kind", std::span{kinds}}};
  static const telemetry::Attribute link_attributes[] = {{"messaging.kafka.offset", std::int64_t{-1}}};
  static const telemetry::Link links[] = {
      {{id_of<context::TraceId>(0x80), id_of<context::SpanId>(0x90), 0}, "other=2", link_attributes}};
  telemetry::Span span;
  span.context = {id_of<context::TraceId>(0x10), id_of<context::SpanId>(0x40), context::kFlagSampled};
  span.parent_span_id = id_of<context::SpanId>(0x60);
  span.parent_is_remote = true;
  span.trace_state = "vendor=1";
  span.start_unix_ns = 1'700'000'000'123'456'789;
  span.end_unix_ns = 1'700'000'000'125'456'789;
  span.attributes = attributes;
  span.dropped_attributes_count = 1;
  span.links = links;
  span.dropped_links_count = 7;
  return span;
}

// A batch of spans of one shape. What `spans` and `shape` refer to outlives it.
inline std::shared_ptr<telemetry::SpanBatch> batch_of(std::vector<telemetry::Span> spans,
                                                      std::string_view service = "shop",
                                                      const telemetry::SpanShape& shape = sample_shape()) {
  auto resource = std::make_shared<telemetry::Resource>();
  resource->attributes = {{"service.name", resource->memory.keep(service)}};
  auto shapes = std::make_shared<telemetry::SpanShapes>();
  const telemetry::SpanShape& kept = shapes->add([&](Arena&) { return shape; });
  for (telemetry::Span& span : spans) span.shape = &kept;
  auto batch = std::make_shared<telemetry::SpanBatch>();
  batch->resource = std::move(resource);
  batch->shapes.push_back(std::move(shapes));
  batch->spans = std::move(spans);
  return batch;
}

inline std::shared_ptr<telemetry::SpanBatch> batch_of(std::size_t spans) {
  return batch_of(std::vector<telemetry::Span>(spans, sample_span()));
}

}  // namespace waybill::exporters::testing
