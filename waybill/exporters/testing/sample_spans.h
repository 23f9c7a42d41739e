#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "waybill/telemetry/span.h"

// Spans for the tests of exporters.
namespace waybill::exporters::testing {

template <typename Id>
Id id_of(std::uint8_t first) {
  Id id;
  for (std::uint8_t& byte : id.bytes) byte = first++;
  return id;
}

// A send of orders/3@1234, child of a remote span, with a value of each type.
inline telemetry::Span sample_span() {
  telemetry::Span span;
  span.context = {id_of<context::TraceId>(0x10), id_of<context::SpanId>(0x40), context::kFlagSampled};
  span.parent_span_id = id_of<context::SpanId>(0x60);
  span.parent_is_remote = true;
  span.trace_state = "vendor=1";
  span.name = "send orders";
  span.kind = telemetry::SpanKind::kProducer;
  span.start_unix_ns = 1'700'000'000'123'456'789;
  span.end_unix_ns = 1'700'000'000'125'456'789;
  span.attributes = {{"messaging.destination.partition.id", std::string{"3"}},
                     {"messaging.kafka.offset", std::int64_t{1234}},
                     {"messaging.kafka.message.tombstone", true},
                     {"waybill.kafka.queue_time_ms", 1.5},
                     {"messaging.header.kind", std::vector<std::string>{"a", "b"}}};
  span.dropped_attributes_count = 2;
  span.links = {{{id_of<context::TraceId>(0x80), id_of<context::SpanId>(0x90), 0},
                 "other=2",
                 {{"messaging.kafka.offset", std::int64_t{-1}}}}};
  span.dropped_links_count = 7;
  span.status = telemetry::StatusCode::kError;
  span.status_message = "Local: Message timed out";
  return span;
}

inline std::shared_ptr<const telemetry::SpanBatch> batch_of(std::vector<telemetry::Span> spans,
                                                            std::string service = "shop") {
  auto resource = std::make_shared<telemetry::Resource>();
  resource->attributes = {{"service.name", std::move(service)}};
  return std::make_shared<const telemetry::SpanBatch>(
      telemetry::SpanBatch{std::move(resource), std::move(spans)});
}

inline std::shared_ptr<const telemetry::SpanBatch> batch_of(std::size_t spans) {
  return batch_of(std::vector<telemetry::Span>(spans, sample_span()));
}

}  // namespace waybill::exporters::testing
