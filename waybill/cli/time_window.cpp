#include "waybill/cli/time_window.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <ctime>
#include <string_view>

#include "waybill/cli/answer_reader.h"

namespace waybill::cli {
namespace {

constexpr std::int64_t kLatestMs = 9'000'000'000'000;  // the server's, and a bound for sums

Error wrong(const char* option, const std::string& value, const char* wanted) {
  return {Error::Code::kUsage,
          std::string{option} + " must be " + wanted + ", but is \"" + fit_for_terminal(value) + '"'};
}

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char letter) { return std::isdigit(letter) != 0; });
}

// 0 and more; none: no number, or one that is no time.
std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = is_digits(text) && error == std::errc{} && end == text.data() + text.size();
  return is_number && number <= kLatestMs ? std::optional(number) : std::nullopt;
}

std::int64_t milliseconds_of(char unit) {
  switch (unit) {
    case 's':
      return 1'000;
    case 'm':
      return 60'000;
    case 'h':
      return 3'600'000;
    default:
      return 86'400'000;
  }
}

std::optional<std::int64_t> duration(const std::string& text) {
  if (text.empty() || std::string_view{"smhd"}.find(text.back()) == std::string_view::npos)
    return std::nullopt;
  const auto number = whole_number(std::string_view{text}.substr(0, text.size() - 1));
  const std::int64_t unit = milliseconds_of(text.back());
  const bool is_duration = number && *number > 0 && *number <= kLatestMs / unit;
  return is_duration ? std::optional(*number * unit) : std::nullopt;
}

// The beginning of `text` that has this format; its end, or null.
const char* read(const char* text, const char* format, std::tm& parts) {
  return strptime(text, format, &parts);
}

// A day, perhaps with a time; or a time of today.
const char* read_local(const char* text, std::tm& parts) {
  for (const char* format : {"%H:%M:%S", "%H:%M"}) {
    std::tm of_today = parts;
    const char* end = read(text, format, of_today);
    if (end == nullptr || *end != '\0') continue;
    parts = of_today;
    return end;
  }
  std::tm day{};
  const char* rest = read(text, "%Y-%m-%d", day);
  if (rest == nullptr) return nullptr;
  if (*rest == 'T' || *rest == ' ') {
    const char* with_seconds = read(rest + 1, "%H:%M:%S", day);
    rest = with_seconds != nullptr ? with_seconds : read(rest + 1, "%H:%M", day);
  }
  parts = day;
  return rest;
}

std::optional<std::int64_t> point_in_time(const std::string& text, std::int64_t now_ms) {
  if (const auto number = whole_number(text)) return number;
  const std::time_t now = now_ms / 1'000;
  std::tm parts{};
  localtime_r(&now, &parts);
  parts.tm_sec = 0;
  const char* rest = read_local(text.c_str(), parts);
  if (rest == nullptr) return std::nullopt;
  parts.tm_isdst = -1;
  std::time_t seconds = 0;
  if (*rest == '\0') {
    seconds = std::mktime(&parts);
  } else {
    std::tm zone{};
    const char* end = read(rest, "%z", zone);
    if (end == nullptr || *end != '\0') return std::nullopt;
    seconds = timegm(&parts) - zone.tm_gmtoff;
  }
  const bool is_time = seconds >= 0 && seconds <= kLatestMs / 1'000;
  return is_time ? std::optional<std::int64_t>(seconds * 1'000) : std::nullopt;
}

constexpr const char* kTime = "a time such as 2026-11-26T14:05:00Z or 14:05";

}  // namespace

Expected<TimeWindow> finalize(const WindowOptions& options, std::int64_t now_ms) {
  TimeWindow window;
  if (!options.to.empty()) window.to_ms = point_in_time(options.to, now_ms);
  if (!options.to.empty() && !window.to_ms) return wrong("--to", options.to, kTime);
  if (!options.from.empty()) window.from_ms = point_in_time(options.from, now_ms);
  if (!options.from.empty() && !window.from_ms) return wrong("--from", options.from, kTime);
  if (!options.last.empty()) {
    if (window.from_ms)
      return Error{Error::Code::kUsage, "--last takes the place of --from: give one of them"};
    const auto length = duration(options.last);
    if (!length) return wrong("--last", options.last, "a duration such as 15m, 2h or 1d");
    window.from_ms = std::max<std::int64_t>(0, window.to_ms.value_or(now_ms) - *length);
  }
  if (window.from_ms && *window.from_ms >= window.to_ms.value_or(now_ms))
    return Error{Error::Code::kUsage, "--from must be before " + std::string{window.to_ms ? "--to" : "now"}};
  return window;
}

}  // namespace waybill::cli
