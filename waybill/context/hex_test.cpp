#include "waybill/context/hex.h"

#include <gtest/gtest.h>

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
    EXPECT_EQ(kHexValues[static_cast<unsigned char>(digit)], at == std::string::npos ? 16 : at) << value;
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
