#pragma once

#include <cstddef>

#include "waybill/telemetry/operation.h"
#include "waybill/telemetry/span.h"

// OpenTelemetry semantic conventions v1.44.0, messaging and Kafka, as pure functions. docs/telemetry.md lists
// what they emit.
namespace waybill::telemetry {

struct SpanLimits {
  std::size_t attribute_count = 128;
  std::size_t attribute_value_length = SIZE_MAX;  // in bytes of UTF-8; a cut never splits a character
  std::size_t link_count = 128;
};

Span send_span(const SendOperation& operation, const ClientView& client, const SpanLimits& limits);
Span consume_span(const ConsumeOperation& operation, const ClientView& client, const SpanLimits& limits);

}  // namespace waybill::telemetry
