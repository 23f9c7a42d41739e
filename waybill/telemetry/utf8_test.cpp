#include "waybill/telemetry/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace waybill::telemetry {
namespace {

TEST(Utf8Test, AcceptsWellFormedTextOnly) {
  for (const char* good : {"", "plain", "grün", "€", "\xf0\x9f\x98\x80", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"})
    for (std::size_t before = 0; before < 20; ++before)
      EXPECT_TRUE(is_utf8(std::string(before, 'x') + good + std::string(before % 9, 'y'))) << good;
  for (const char* bad : {"\xff", "\xc3", "\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                          "\xf4\x90\x80\x80", "a\xe2\x82"}) {
    for (std::size_t before = 0; before < 20; ++before)
      EXPECT_FALSE(is_utf8(std::string(before, 'x') + bad + std::string(before % 9, 'y'))) << bad;
  }
}

TEST(Utf8Test, CutsBetweenCharacters) {
  EXPECT_EQ(cut_utf8("grün", 10), "grün");
  EXPECT_EQ(cut_utf8("grün", 3), "gr");
  EXPECT_EQ(cut_utf8("grün", 4), "grü");
  EXPECT_EQ(cut_utf8("€", 2), "");
}

}  // namespace
}  // namespace waybill::telemetry
