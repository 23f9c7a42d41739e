#include "waybill/exporters/console_lines.h"

#include <array>
#include <cstdio>

#include "waybill/exporters/console_text.h"
#include "waybill/exporters/span_text.h"

namespace waybill::exporters {
namespace {

using telemetry::AttributeValue;

const AttributeValue* find(const telemetry::Span& span, std::string_view key) {
  const AttributeValue* found = nullptr;
  span.for_each_attribute([&](const telemetry::Attribute& attribute) {
    if (attribute.key == key) found = &attribute.value;
  });
  return found;
}

std::string text_of(const AttributeValue* value) {
  if (value == nullptr) return {};
  if (const auto* text = std::get_if<std::string_view>(value)) return escaped(*text);
  if (const auto* number = std::get_if<std::int64_t>(value)) return std::to_string(*number);
  return {};
}

std::string duration(const telemetry::Span& span) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f ms",
                static_cast<double>(span.end_unix_ns - span.start_unix_ns) / 1e6);
  return text.data();
}

std::string console_line(const telemetry::Resource& resource, const telemetry::Span& span) {
  std::string line = time_of_day(span.start_unix_ns) + " " + escaped(service_name(resource)) + " " +
                     name_of(span.shape->kind) + " \"" + escaped(span.shape->name) + "\" " + duration(span);
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) line += std::string{" "} + name + "=" + value;
  };
  add("partition", text_of(find(span, "messaging.destination.partition.id")));
  add("offset", text_of(find(span, "messaging.kafka.offset")));
  add("messages", text_of(find(span, "messaging.batch.message_count")));
  add("trace", hex_text(span.context.trace_id));
  add("span", hex_text(span.context.span_id));
  if (span.parent_span_id.valid()) add("parent", hex_text(span.parent_span_id));
  if (!span.links.empty()) add("links", std::to_string(span.links.size()));
  add("error", text_of(find(span, "error.type")));
  if (!span.shape->status_message.empty()) line += " (" + escaped(span.shape->status_message) + ")";
  return line + "\n";
}

}  // namespace

std::string console_lines(Batches batches) {
  std::string lines;
  for (const auto& batch : batches) {
    for (const telemetry::Span& span : batch->spans) lines += console_line(*batch->resource, span);
  }
  return lines;
}

}  // namespace waybill::exporters
