#include "waybill/analysis/internal/span_text.h"

namespace waybill::analysis {

std::string text_of(const context::SpanId& id) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : id.bytes) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0xFU];
  }
  return text;
}

std::string text_of(const evidence::Span& span) {
  const std::string name = span.name.empty() ? "span " + text_of(span.span_id) : span.name;
  return span.service.empty() ? name : name + " of " + span.service;
}

}  // namespace waybill::analysis
