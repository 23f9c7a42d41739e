#include "waybill/exporters/series_key.h"

#include <algorithm>
#include <vector>

namespace waybill::exporters {
namespace {

template <typename Number>
void append_bytes(std::string& key, Number number) {
  key.append(reinterpret_cast<const char*>(&number), sizeof number);
}

// With its length in front, so that no two sequences of texts look alike.
void append_text(std::string& key, std::string_view text) {
  append_bytes(key, text.size());
  key += text;
}

void append_value(std::string& key, const telemetry::AttributeValue& value) {
  key += static_cast<char>(value.index());
  if (const auto* text = std::get_if<std::string_view>(&value)) return append_text(key, *text);
  if (const auto* boolean = std::get_if<bool>(&value)) return append_bytes(key, *boolean);
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return append_bytes(key, *integer);
  if (const auto* real = std::get_if<double>(&value)) return append_bytes(key, *real);
  const auto texts = std::get<std::span<const std::string_view>>(value);
  append_bytes(key, texts.size());
  for (const std::string_view one : texts) append_text(key, one);
}

}  // namespace

std::string series_key(std::string_view metric, std::span<const telemetry::Attribute> attributes) {
  std::vector<const telemetry::Attribute*> sorted;
  for (const telemetry::Attribute& one : attributes) sorted.push_back(&one);
  std::sort(sorted.begin(), sorted.end(),
            [](const auto* left, const auto* right) { return left->key < right->key; });
  std::string key;
  append_text(key, metric);
  for (const telemetry::Attribute* one : sorted) {
    append_text(key, one->key);
    append_value(key, one->value);
  }
  return key;
}

}  // namespace waybill::exporters
