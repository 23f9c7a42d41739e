#pragma once

#include <cstddef>
#include <span>

#include "waybill/telemetry/operation.h"
#include "waybill/telemetry/span.h"

// OpenTelemetry semantic conventions v1.44.0, messaging and Kafka, as pure functions. docs/telemetry.md lists
// what they emit. A span is its shape, which many share, and the rest. What they refer to is put into
// `memory`.
namespace waybill::telemetry {

// How much spans hold, and what a host wants in them besides.
struct SpanLimits {
  std::size_t attribute_count = 128;
  std::size_t attribute_value_length = SIZE_MAX;  // in bytes of UTF-8; a cut never splits a character
  std::size_t link_count = 128;
  std::size_t link_attribute_count = 128;
  bool sizes = false;        // messaging.message.body.size
  bool hashed_keys = false;  // instead of the keys themselves
  bool old_names = false;    // the attributes of the conventions v1.24 besides
};

SpanShape send_shape(const SendFacts& facts, const ClientView& client, const SpanLimits& limits,
                     Arena& memory);
// `shape` outlives the span.
Span send_span(const SendOperation& operation, const SpanShape& shape, const SpanLimits& limits,
               Arena& memory);

SpanShape consume_shape(const ConsumeFacts& facts, const ClientView& client, const SpanLimits& limits,
                        Arena& memory);
Span consume_span(const ConsumeOperation& operation, const ConsumeFacts& facts, const SpanShape& shape,
                  const SpanLimits& limits, Arena& memory);

SpanShape whole_shape(const WholeFacts& facts, const ClientView& client, const SpanLimits& limits,
                      Arena& memory);
Span whole_span(const WholeView& operation, const SpanShape& shape, const SpanLimits& limits, Arena& memory);

// The topic that all messages share, and -1 or the partition that they share too.
std::string_view common_topic(std::span<const MessageView> messages);
std::int32_t common_partition(std::span<const MessageView> messages);

}  // namespace waybill::telemetry
