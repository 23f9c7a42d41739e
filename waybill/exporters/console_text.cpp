#include "waybill/exporters/console_text.h"

#include <array>
#include <cstdio>
#include <ctime>
#include <variant>

#include "waybill/telemetry/utf8.h"

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

std::string named(const char* name, const std::string& value) {
  return value.empty() ? value : std::string{" "} + name + "=" + value;
}

std::string marked(const char* mark, const std::string& text, ConsoleStyle style) {
  return style.colour && !text.empty() ? mark + text + "\x1b[0m" : text;
}

// How many bytes at the front of `text` are one character that does nothing but show itself. 0: there is
// none.
std::size_t harmless_character(std::string_view text) {
  const auto byte = static_cast<unsigned char>(text.front());
  if (byte < 0x80) return byte >= 0x20 && byte != 0x7f ? 1 : 0;
  for (std::size_t size = 2; size <= 4 && size <= text.size(); ++size) {
    const std::string_view character = text.substr(0, size);
    if (!telemetry::is_utf8(character)) continue;
    if (character < "\xc2\xa0") return 0;  // U+0080 to U+009F: terminals obey them
    const bool turns_direction = (character >= "\xe2\x80\xa8" && character <= "\xe2\x80\xae") ||
                                 (character >= "\xe2\x81\xa6" && character <= "\xe2\x81\xa9") ||
                                 character == "\xe2\x80\x8e" || character == "\xe2\x80\x8f";
    return turns_direction ? 0 : size;
  }
  return 0;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    std::size_t size = harmless_character(text);
    if (size != 0) {
      result += text.substr(0, size);
    } else {
      std::array<char, 8> code{};
      std::snprintf(code.data(), code.size(), "\\x%02x", static_cast<unsigned char>(text.front()));
      result += code.data();
      size = 1;
    }
    text.remove_prefix(size);
  }
  return result;
}

std::string time_of_day(std::uint64_t unix_ns) {
  const auto seconds = static_cast<std::time_t>(unix_ns / 1'000'000'000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%02d:%02d:%02d.%06uZ", parts.tm_hour, parts.tm_min, parts.tm_sec,
                static_cast<unsigned>(unix_ns % 1'000'000'000 / 1'000));
  return text.data();
}

std::string milliseconds(std::uint64_t ns) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f ms", static_cast<double>(ns) / 1e6);
  return text.data();
}

std::uint64_t duration_ns(const telemetry::Span& span) {
  return span.end_unix_ns > span.start_unix_ns ? span.end_unix_ns - span.start_unix_ns : 0;
}

std::string place_of(const telemetry::Span& span) {
  return named("partition", text_of(find(span, "messaging.destination.partition.id"))) +
         named("offset", text_of(find(span, "messaging.kafka.offset"))) +
         named("messages", text_of(find(span, "messaging.batch.message_count")));
}

std::string failure_of(const telemetry::Span& span, ConsoleStyle style) {
  std::string text = named("error", text_of(find(span, "error.type")));
  if (!span.status_message().empty()) text += " (" + escaped(span.status_message()) + ")";
  return marked("\x1b[31m", text, style);
}

std::string emphasised(const std::string& text, ConsoleStyle style) { return marked("\x1b[1m", text, style); }

std::string dimmed(const std::string& text, ConsoleStyle style) { return marked("\x1b[2m", text, style); }

}  // namespace waybill::exporters
