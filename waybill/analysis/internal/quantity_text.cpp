#include "waybill/analysis/internal/quantity_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace waybill::analysis {
namespace {

// One decimal below ten, none above.
std::string short_text(double number) {
  if (number >= 9.95) return count_text(number);
  const auto tenths = static_cast<int>(std::lround(number * 10));
  std::string text = std::to_string(tenths / 10);
  if (tenths % 10 != 0) text += "." + std::to_string(tenths % 10);
  return text;
}

}  // namespace

std::string count_text(double count) {
  // Beyond that a number says nothing that a sentence needs.
  const double bounded = std::isfinite(count) ? std::clamp(count, 0.0, 1e15) : 0;
  std::string text = std::to_string(std::llround(bounded));
  for (int at = static_cast<int>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

std::string messages_text(double messages) {
  const std::string count = count_text(messages);
  return count + (count == "1" ? " message" : " messages");
}

std::string rate_text(double per_s) {
  const auto hundredths = std::lround(std::max(per_s, 0.0) * 100);
  if (per_s > 0 && hundredths == 0) return "less than 0.01/s";
  if (hundredths >= 100 || hundredths % 10 == 0) return short_text(std::max(per_s, 0.0)) + "/s";
  return "0." + std::to_string(hundredths / 10) + std::to_string(hundredths % 10) + "/s";
}

std::string duration_text(double ms) {
  constexpr double kSecond = 1'000;
  constexpr double kMinute = 60 * kSecond;
  constexpr double kHour = 60 * kMinute;
  constexpr double kDay = 24 * kHour;
  ms = std::max(ms, 0.0);
  if (ms < kSecond) return short_text(ms) + " ms";
  if (ms < 2 * kMinute) return short_text(ms / kSecond) + " s";
  if (ms < 2 * kHour) return short_text(ms / kMinute) + " min";
  if (ms < 2 * kDay) return short_text(ms / kHour) + " h";
  return short_text(ms / kDay) + " days";
}

std::string small_number_text(int number) {
  constexpr std::array<std::string_view, 7> kWords = {"no", "one", "two", "three", "four", "five", "six"};
  const bool has_word = number >= 0 && number < static_cast<int>(kWords.size());
  return has_word ? std::string(kWords[static_cast<std::size_t>(number)]) : std::to_string(number);
}

}  // namespace waybill::analysis
