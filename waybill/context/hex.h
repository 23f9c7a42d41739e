#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace waybill::context {

// The two digits of each byte: it is on the way of every message.
inline constexpr std::array<std::array<char, 2>, 256> kHexPairs = [] {
  constexpr char kDigits[] = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> pairs{};
  for (std::size_t byte = 0; byte < pairs.size(); ++byte)
    pairs[byte] = {kDigits[byte >> 4U], kDigits[byte & 15U]};
  return pairs;
}();

// Writes `size` bytes as 2 * size lower-case digits.
inline void to_hex(const std::uint8_t* bytes, std::size_t size, char* text) {
  for (std::size_t at = 0; at < size; ++at) std::memcpy(text + 2 * at, kHexPairs[bytes[at]].data(), 2);
}

// The value of a lower-case hexadecimal digit; 16 for anything else. Upper case is malformed in W3C Trace
// Context.
inline unsigned from_hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') return static_cast<unsigned>(digit - '0');
  if (digit >= 'a' && digit <= 'f') return static_cast<unsigned>(digit - 'a') + 10;
  return 16;
}

// Reads 2 * size lower-case digits. False: another character stood there.
inline bool from_hex(const char* text, std::size_t size, std::uint8_t* bytes) {
  for (std::size_t at = 0; at < size; ++at) {
    const unsigned high = from_hex_digit(text[2 * at]);
    const unsigned low = from_hex_digit(text[2 * at + 1]);
    if (high > 15 || low > 15) return false;
    bytes[at] = static_cast<std::uint8_t>(high << 4U | low);
  }
  return true;
}

}  // namespace waybill::context
