#pragma once

#include <string>
#include <string_view>

#include "waybill/context/hex.h"
#include "waybill/telemetry/span.h"

// What exporters in text say alike.
namespace waybill::exporters {

// The lower-case digits of a trace or span id.
template <typename Id>
std::string hex_text(const Id& id) {
  std::string text(id.bytes.size() * 2, '0');
  context::to_hex(id.bytes.data(), id.bytes.size(), text.data());
  return text;
}

constexpr const char* name_of(telemetry::SpanKind kind) {
  switch (kind) {
    case telemetry::SpanKind::kInternal:
      return "INTERNAL";
    case telemetry::SpanKind::kServer:
      return "SERVER";
    case telemetry::SpanKind::kClient:
      return "CLIENT";
    case telemetry::SpanKind::kProducer:
      return "PRODUCER";
    case telemetry::SpanKind::kConsumer:
      return "CONSUMER";
  }
  return "?";
}

// Empty: the resource has none.
inline std::string_view service_name(const telemetry::Resource& resource) {
  for (const telemetry::Attribute& one : resource.attributes) {
    const auto* text = std::get_if<std::string_view>(&one.value);
    if (one.key == "service.name" && text != nullptr) return *text;
  }
  return {};
}

}  // namespace waybill::exporters
