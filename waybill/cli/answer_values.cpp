#include "waybill/cli/answer_values.h"

#include <array>
#include <cmath>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <ctime>

namespace waybill::cli {
namespace {

constexpr const char* kNotKnown = "–";
// Beyond this a number of milliseconds is no time that a calendar has.
constexpr double kLatestMs = 2.5e14;

__attribute__((format(printf, 1, 2))) std::string printed(const char* format, ...) {
  std::array<char, 400> text{};
  va_list values;
  va_start(values, format);
  std::vsnprintf(text.data(), text.size(), format, values);
  va_end(values);
  return text.data();
}

std::string grouped(double whole) {
  const std::string digits = printed("%.0f", whole);
  std::string text;
  for (std::size_t at = 0; at < digits.size(); ++at) {
    const bool is_begin_of_three = at > 0 && (digits.size() - at) % 3 == 0 && digits[at - 1] != '-';
    if (is_begin_of_three) text += ',';
    text += digits[at];
  }
  return text;
}

std::string long_duration(double s) {
  constexpr double kMinute = 60;
  constexpr double kHour = 3'600;
  constexpr double kDay = 86'400;
  const auto two = [&](double large, const char* of_large, double small, const char* of_small) {
    const double whole = std::floor(s / large);
    return grouped(whole) + of_large + printed("%.0f", std::floor((s - whole * large) / small)) + of_small;
  };
  if (s < kHour) return two(kMinute, " min ", 1, " s");
  return s < kDay ? two(kHour, " h ", kMinute, " min") : two(kDay, " d ", kHour, " h");
}

std::string local(double ms, const char* format) {
  const auto seconds = static_cast<std::time_t>(std::floor(ms / 1e3));
  std::tm parts{};
  std::array<char, 64> text{};
  if (localtime_r(&seconds, &parts) == nullptr) return kNotKnown;
  std::strftime(text.data(), text.size(), format, &parts);
  return text.data();
}

bool is_time(std::optional<double> ms) { return ms && std::isfinite(*ms) && std::abs(*ms) < kLatestMs; }

std::string with_milliseconds(double ms, const char* format) {
  const double whole = std::floor(ms);
  return local(whole, format) + printed(".%03d", static_cast<int>(whole - std::floor(whole / 1e3) * 1e3));
}

std::string span_of(const Json& message) {
  const std::string trace = text_at(message, "trace_id");
  return trace.empty() ? trace : "span " + text_at(message, "span_id") + " of trace " + trace;
}

}  // namespace

std::string count_of(std::optional<double> count) {
  if (!count || !std::isfinite(*count)) return kNotKnown;
  const bool has_fraction = std::abs(*count) < 10 && std::abs(*count - std::round(*count)) > 0.05;
  return has_fraction ? printed("%.1f", *count) : grouped(*count);
}

std::string rate_of(std::optional<double> per_s) {
  if (!per_s || !std::isfinite(*per_s)) return kNotKnown;
  const double size = std::abs(*per_s);
  if (size < 0.005) return "0";
  if (size < 9.995) return printed("%.2f", *per_s);
  return size < 99.95 ? printed("%.1f", *per_s) : grouped(*per_s);
}

std::string duration_of(std::optional<double> ms) {
  if (!ms || !std::isfinite(*ms)) return kNotKnown;
  if (*ms < 0) return std::string{"-"} + duration_of(-*ms);
  if (*ms == 0) return "0 ms";
  if (*ms < 0.995) return printed("%.2f ms", *ms);
  if (*ms < 99.95) return printed("%.1f ms", *ms);
  if (*ms < 999.5) return printed("%.0f ms", *ms);
  return *ms < 59'950 ? printed("%.1f s", *ms / 1e3) : long_duration(std::round(*ms / 1e3));
}

std::string whole_of(std::optional<double> value) {
  return value && std::isfinite(*value) ? printed("%.0f", *value) : kNotKnown;
}

std::string time_of(std::optional<double> ms) {
  return is_time(ms) ? with_milliseconds(*ms, "%Y-%m-%d %H:%M:%S") : kNotKnown;
}

std::string clock_of(std::optional<double> ms) {
  return is_time(ms) ? with_milliseconds(*ms, "%H:%M:%S") : kNotKnown;
}

std::string window_of(const Json& answer) {
  const Json& window = value_at(answer, "window");
  const auto from = number_at(window, "from_ms");
  const auto to = number_at(window, "to_ms");
  if (!is_time(from) || !is_time(to)) return "a window of time that is not known";
  const bool is_one_day = local(*from, "%F") == local(*to, "%F");
  return local(*from, "%F %H:%M") + " to " + local(*to, is_one_day ? "%H:%M %Z" : "%F %H:%M %Z");
}

std::string place_of(const Json& message) {
  std::string place = text_at(message, "topic");
  if (place.empty()) {
    const std::string span = span_of(message);
    return span.empty() ? "a message without a name" : span;
  }
  if (number_at(message, "partition")) place.append("/").append(whole_of(number_at(message, "partition")));
  if (number_at(message, "offset")) place.append("@").append(whole_of(number_at(message, "offset")));
  return place;
}

std::string name_of(const Json& message) {
  std::string name = place_of(message);
  if (value_at(message, "key").is_string()) name += ", key \"" + text_at(message, "key") + '"';
  const std::string span = span_of(message);
  const bool needs_span = !number_at(message, "offset") && !text_at(message, "topic").empty();
  return needs_span && !span.empty() ? name + ", " + span : name;
}

}  // namespace waybill::cli
