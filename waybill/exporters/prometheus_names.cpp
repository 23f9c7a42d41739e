#include "waybill/exporters/prometheus_names.h"

#include <algorithm>
#include <utility>

namespace waybill::exporters {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string sanitized(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const bool is_sound = is_letter(c) || is_digit(c);
    if (is_sound || name.empty() || name.back() != '_') name += is_sound ? c : '_';
  }
  if (!name.empty() && is_digit(name.front())) name.insert(name.begin(), '_');
  return name;
}

std::string_view word_of(std::string_view unit) {
  static constexpr std::pair<std::string_view, std::string_view> kWords[] = {
      {"d", "days"},         {"h", "hours"},         {"min", "minutes"},
      {"s", "seconds"},      {"ms", "milliseconds"}, {"us", "microseconds"},
      {"ns", "nanoseconds"}, {"By", "bytes"},        {"KiBy", "kibibytes"},
      {"MiBy", "mebibytes"}, {"GiBy", "gibibytes"},  {"kBy", "kilobytes"},
      {"MBy", "megabytes"},  {"GBy", "gigabytes"},   {"%", "percent"},
      {"Hz", "hertz"},       {"Cel", "celsius"},     {"1", ""},
  };
  const auto* const known = std::find_if(std::begin(kWords), std::end(kWords),
                                         [&](const auto& word) { return word.first == unit; });
  return known == std::end(kWords) ? unit : known->second;
}

std::string_view word_of_divisor(std::string_view unit) {
  static constexpr std::pair<std::string_view, std::string_view> kWords[] = {
      {"s", "second"}, {"min", "minute"}, {"h", "hour"}, {"d", "day"}, {"ms", "millisecond"}, {"By", "byte"},
  };
  const auto* const known = std::find_if(std::begin(kWords), std::end(kWords),
                                         [&](const auto& word) { return word.first == unit; });
  return known == std::end(kWords) ? unit : known->second;
}

std::string without_annotations(std::string_view unit) {
  std::string plain;
  bool inside = false;
  for (const char c : unit) {
    inside = c == '{' || (inside && c != '}');
    if (!inside && c != '}') plain += c;
  }
  return plain;
}

}  // namespace

std::string prometheus_unit(const telemetry::MetricDescription& description) {
  const std::string plain = without_annotations(description.unit);
  // A share is a ratio; a count of something has no unit.
  if (plain == "1") return description.instrument == telemetry::InstrumentKind::kGauge ? "ratio" : "";
  const std::size_t slash = plain.find('/');
  std::string words{word_of(std::string_view{plain}.substr(0, slash))};
  if (slash != std::string::npos) {
    const std::string_view divisor = word_of_divisor(std::string_view{plain}.substr(slash + 1));
    if (!divisor.empty()) words += (words.empty() ? "per_" : "_per_") + std::string{divisor};
  }
  return sanitized(words);
}

std::string prometheus_name(const telemetry::MetricDescription& description) {
  std::string name = sanitized(description.name);
  if (description.instrument == telemetry::InstrumentKind::kCounter && name.ends_with("_total"))
    name.resize(name.size() - std::string_view{"_total"}.size());
  const std::string unit = prometheus_unit(description);
  if (!unit.empty() && !name.ends_with("_" + unit)) name += "_" + unit;
  return name;
}

std::string prometheus_label(std::string_view key) { return sanitized(key); }

}  // namespace waybill::exporters
