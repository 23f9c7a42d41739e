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

// The value of each lower-case hexadecimal digit; kNoDigit for anything else. Upper case is malformed in W3C
// Trace Context.
inline constexpr std::uint16_t kNoDigit = 0x100;
inline constexpr std::array<std::uint16_t, 256> kHexValues = [] {
  std::array<std::uint16_t, 256> values{};
  for (std::uint16_t& value : values) value = kNoDigit;
  for (std::uint16_t digit = 0; digit < 10; ++digit) values[static_cast<std::size_t>('0') + digit] = digit;
  for (std::uint16_t letter = 0; letter < 6; ++letter)
    values[static_cast<std::size_t>('a') + letter] = static_cast<std::uint16_t>(10 + letter);
  return values;
}();

// Reads 2 * size lower-case digits. False: another character stood there.
inline bool from_hex(const char* text, std::size_t size, std::uint8_t* bytes) {
  unsigned all = 0;
#pragma GCC unroll 8
  for (std::size_t at = 0; at < size; ++at) {
    const unsigned high = kHexValues[static_cast<unsigned char>(text[2 * at])];
    const unsigned low = kHexValues[static_cast<unsigned char>(text[2 * at + 1])];
    const unsigned value = high << 4U | low;
    all |= value;
    bytes[at] = static_cast<std::uint8_t>(value);
  }
  return all < kNoDigit;
}

}  // namespace waybill::context
