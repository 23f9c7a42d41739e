#include "waybill/context/hex.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

namespace waybill::context {
namespace {

TEST(HexTest, WritesTwoLowerCaseDigitsForEachByte) {
  const std::array<std::uint8_t, 4> bytes{0x00, 0x9a, 0xbc, 0xff};
  std::string text(8, '?');
  to_hex(bytes.data(), bytes.size(), text.data());
  EXPECT_EQ(text, "009abcff");
}

TEST(HexTest, ReadsEveryByteBack) {
  for (unsigned value = 0; value < 256; ++value) {
    const auto byte = static_cast<std::uint8_t>(value);
    std::array<char, 2> text{};
    to_hex(&byte, 1, text.data());
    std::uint8_t read = 0;
    ASSERT_TRUE(from_hex(text.data(), 1, &read));
    EXPECT_EQ(read, byte);
  }
}

TEST(HexTest, TakesNothingButDigitsAndLowerCaseLetters) {
  const std::string known = "0123456789abcdef";
  for (int value = 0; value < 256; ++value) {
    const char digit = static_cast<char>(value);
    const std::size_t at = known.find(digit);
    EXPECT_EQ(kHexValues[static_cast<unsigned char>(digit)], at == std::string::npos ? kNoDigit : at)
        << value;
  }
}

TEST(HexTest, ReadsManyBytesAtOnceAsOneByOne) {
  std::array<std::uint8_t, 256> bytes{};
  for (std::size_t at = 0; at < bytes.size(); ++at) bytes[at] = static_cast<std::uint8_t>(at * 167);
  std::string text(2 * bytes.size(), '?');
  to_hex(bytes.data(), bytes.size(), text.data());
  for (const std::size_t size : {3U, 4U, 7U, 8U, 16U, 256U}) {
    std::array<std::uint8_t, 256> read{};
    ASSERT_TRUE(from_hex(text.data(), size, read.data()));
    EXPECT_TRUE(std::equal(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size), read.begin()));
    EXPECT_TRUE(std::all_of(read.begin() + static_cast<std::ptrdiff_t>(size), read.end(),
                            [](std::uint8_t byte) { return byte == 0; }));
  }
}

TEST(HexTest, RefusesEveryWrongCharacterInEveryPlace) {
  std::array<std::uint8_t, 8> bytes{};
  for (std::size_t at = 0; at < 16; ++at) {
    for (int value = 0; value < 256; ++value) {
      std::string text = "0123456789abcdef";
      text[at] = static_cast<char>(value);
      const bool right = value < 128 && std::string{"0123456789abcdef"}.find(text[at]) != std::string::npos;
      EXPECT_EQ(from_hex(text.data(), bytes.size(), bytes.data()), right) << at << ' ' << value;
    }
  }
}

TEST(HexTest, RefusesAWrongDigitInEitherPlace) {
  std::uint8_t byte = 0;
  EXPECT_FALSE(from_hex("g0", 1, &byte));
  EXPECT_FALSE(from_hex("0g", 1, &byte));
  EXPECT_FALSE(from_hex("A0", 1, &byte));
}

}  // namespace
}  // namespace waybill::context
