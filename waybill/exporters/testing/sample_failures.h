#pragma once

#include "waybill/exporters/testing/sample_spans.h"

// Spans with log records, for the tests of exporters of logs.
namespace waybill::exporters::testing {

// Sends of orders/3 that timed out.
inline std::shared_ptr<telemetry::SpanBatch> failed_sends(std::size_t count) {
  static const telemetry::Attribute attributes[] = {{"messaging.system", "kafka"},
                                                    {"messaging.operation.name", "send"},
                                                    {"messaging.operation.type", "send"},
                                                    {"messaging.destination.name", "orders"},
                                                    {"messaging.destination.partition.id", "3"},
                                                    {"error.type", "_MSG_TIMED_OUT"}};
  telemetry::SpanShape shape = sample_shape();
  shape.attributes = attributes;
  return batch_of(std::vector<telemetry::Span>(count, sample_span()), "shop", shape);
}

// Processing that an exception left. What `message` refers to outlives the batch.
inline std::shared_ptr<telemetry::SpanBatch> failed_processing(
    std::string_view message = "no such customer") {
  static const telemetry::Attribute attributes[] = {{"messaging.operation.type", "process"},
                                                    {"error.type", "shop::Refused"}};
  telemetry::SpanShape shape = sample_shape();
  shape.name = "process orders";
  shape.kind = telemetry::SpanKind::kConsumer;
  shape.attributes = attributes;
  shape.status_message = {};
  telemetry::Span span = sample_span();
  span.own_status_message = message;
  return batch_of({span}, "billing", shape);
}

inline std::shared_ptr<telemetry::SpanBatch> spans_that_did_not_fail() {
  static const telemetry::Attribute attributes[] = {{"messaging.operation.type", "send"}};
  telemetry::SpanShape shape = sample_shape();
  shape.status = telemetry::StatusCode::kUnset;
  shape.attributes = attributes;
  return batch_of({sample_span()}, "shop", shape);
}

}  // namespace waybill::exporters::testing
