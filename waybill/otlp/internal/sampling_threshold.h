#pragma once

#include <optional>
#include <string_view>

namespace waybill::otlp::internal {

// How many spans one with this tracestate stands for, by `th` in its `ot` member: the rejection threshold, up
// to 14 hexadecimal digits from the left (OpenTelemetry, "TraceState: Probability Sampling"). None: it does
// not say.
inline std::optional<double> adjusted_count(std::string_view tracestate) {
  const auto member = tracestate.starts_with("ot=") ? 0 : tracestate.find(",ot=");
  if (member == std::string_view::npos) return std::nullopt;
  std::string_view values = tracestate.substr(tracestate.find('=', member) + 1);
  values = values.substr(0, values.find(','));
  while (!values.empty()) {
    const std::string_view value = values.substr(0, values.find(';'));
    values.remove_prefix(value.size() == values.size() ? value.size() : value.size() + 1);
    if (!value.starts_with("th:") || value.size() < 4 || value.size() > 17) continue;
    double rejected = 0;
    double weight = 1.0 / 16;
    for (const char digit : value.substr(3)) {
      const bool is_number = digit >= '0' && digit <= '9';
      if (!is_number && (digit < 'a' || digit > 'f')) return std::nullopt;
      rejected += weight * (is_number ? digit - '0' : digit - 'a' + 10);
      weight /= 16;
    }
    if (rejected >= 1) return std::nullopt;  // nothing would be kept
    return 1 / (1 - rejected);
  }
  return std::nullopt;
}

}  // namespace waybill::otlp::internal
