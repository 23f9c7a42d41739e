#include "waybill/exporters/console_text.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace waybill::exporters {

std::string escaped(std::string_view text) {
  std::string result;
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte >= 0x20 && byte != 0x7f) {
      result += character;
      continue;
    }
    std::array<char, 8> code{};
    std::snprintf(code.data(), code.size(), "\\x%02x", byte);
    result += code.data();
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

}  // namespace waybill::exporters
