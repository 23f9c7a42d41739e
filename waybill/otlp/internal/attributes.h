#pragma once

#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "opentelemetry/proto/common/v1/common.pb.h"

namespace waybill::otlp::internal {

using opentelemetry::proto::common::v1::AnyValue;
using opentelemetry::proto::common::v1::KeyValue;
using KeyValues = google::protobuf::RepeatedPtrField<KeyValue>;

// Times of OTLP are unsigned; what is beyond our reach (the year 2262) is no time.
inline std::int64_t time_of(std::uint64_t ns) {
  return ns > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())
             ? 0
             : static_cast<std::int64_t>(ns);
}

// Empty where the value is none.
inline std::string text_of(const AnyValue& value) {
  if (value.has_string_value()) return value.string_value();
  if (value.has_int_value()) return std::to_string(value.int_value());
  if (value.has_bool_value()) return value.bool_value() ? "true" : "false";
  if (value.has_double_value()) return std::to_string(value.double_value());
  return {};
}

// A number, or a text that is one: partitions are texts in the newer conventions, and numbers in the older.
inline std::optional<std::int64_t> number_of(const AnyValue& value) {
  if (value.has_int_value()) return value.int_value();
  if (!value.has_string_value()) return std::nullopt;
  const std::string& text = value.string_value();
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

inline std::optional<double> real_of(const AnyValue& value) {
  if (value.has_double_value()) return value.double_value();
  if (const auto number = number_of(value)) return static_cast<double>(*number);
  return std::nullopt;
}

// Null: there is none of that name.
inline const AnyValue* find(const KeyValues& attributes, std::string_view name) {
  for (const KeyValue& attribute : attributes)
    if (attribute.key() == name) return &attribute.value();
  return nullptr;
}

inline std::string find_text(const KeyValues& attributes, std::string_view name) {
  const AnyValue* value = find(attributes, name);
  return value == nullptr ? std::string{} : text_of(*value);
}

}  // namespace waybill::otlp::internal
