#include "waybill/context/percent_decoding.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

namespace waybill::context {
namespace {

std::string decoded(std::string_view text) {
  std::string target(text.size() * 3 + 1, '?');
  target.resize(decode_percent(text, target));
  return target;
}

TEST(PercentDecodingTest, ReadsTheSpecificationsExamples) {
  EXPECT_EQ(decoded("%09%20%22%27%3B%3Dasdf%21%40%23%24%25%5E%26%2A%28%29"), "\t \"';=asdf!@#$%^&*()");
  EXPECT_EQ(decoded("DF%2028"), "DF 28");
  EXPECT_EQ(decoded("Am%C3%A9lie"), "Am\xc3\xa9lie");
  EXPECT_EQ(decoded("%e2%82%ac and %F0%9F%9A%9A"), "\xe2\x82\xac and \xf0\x9f\x9a\x9a");
  EXPECT_EQ(decoded(""), "");
  EXPECT_EQ(decoded("%00"), std::string(1, '\0'));
}

TEST(PercentDecodingTest, LeavesAPercentSignThatBeginsNoByte) {
  for (const char* text : {"%", "100%", "%4", "%zz", "%4g", "%%", "a%-1"}) EXPECT_EQ(decoded(text), text);
  EXPECT_EQ(decoded("%%41"), "%A");
}

TEST(PercentDecodingTest, PutsTheReplacementCharacterInPlaceOfWhatIsNotUtf8) {
  const std::string replacement = "\xef\xbf\xbd";
  EXPECT_EQ(decoded("%FF"), replacement);
  EXPECT_EQ(decoded("a%80b"), "a" + replacement + "b");
  EXPECT_EQ(decoded("%C3"), replacement);                                    // cut off
  EXPECT_EQ(decoded("%C3x"), replacement + "x");                             // cut off within
  EXPECT_EQ(decoded("%E2%82"), replacement);                                 // one, not two
  EXPECT_EQ(decoded("%C0%80"), replacement + replacement);                   // longer than needed
  EXPECT_EQ(decoded("%ED%A0%80"), replacement + replacement + replacement);  // a surrogate
  EXPECT_EQ(decoded("%F4%90%80%80"), replacement + replacement + replacement + replacement);
  EXPECT_EQ(decoded("%E0%9F%80"), replacement + replacement + replacement);
}

TEST(PercentDecodingTest, WritesNoMoreThanThereIsRoomFor) {
  char target[4] = {'?', '?', '?', '?'};
  EXPECT_EQ(decode_percent("Am%C3%A9lie", {target, 3}), 7U);
  EXPECT_EQ((std::string_view{target, 4}), "Am\xc3?");
  EXPECT_EQ(decode_percent("abc", {}), 3U);
}

TEST(PercentDecodingTest, ReadsWhateverItIsGivenWithinItsBounds) {
  std::mt19937 random{1};
  const std::string_view letters = "%%%%0123456789abcdefABCDEFx\xc3\xff";
  for (int round = 0; round < 20'000; ++round) {
    std::string text(random() % 24, 'x');
    for (char& letter : text) letter = letters[random() % letters.size()];
    const std::string result = decoded(text);
    EXPECT_LE(result.size(), text.size() * 3);
  }
}

}  // namespace
}  // namespace waybill::context
