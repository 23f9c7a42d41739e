#include "waybill/context/tracestate.h"

#include <gtest/gtest.h>

#include <string>

namespace waybill::context {
namespace {

std::string members(int count) {
  std::string text;
  for (int number = 1; number <= count; ++number)
    text +=
        (number == 1 ? "" : ",") + std::string{"bar"} + std::to_string(number) + "=" + std::to_string(number);
  return text;
}

TEST(TracestateTest, AcceptsAListOfMembers) {
  EXPECT_TRUE(valid_tracestate("foo=1"));
  EXPECT_TRUE(valid_tracestate("foo=1,bar=2"));
  EXPECT_TRUE(valid_tracestate("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"));
}

TEST(TracestateTest, AcceptsBlanksAroundMembers) {
  for (const char* text : {"foo=1 \t , \t bar=2, \t baz=3", "foo=1\t \t,\t \tbar=2", " foo=1", "\tfoo=1",
                           "foo=1 ", "foo=1\t", "\t foo=1 \t"})
    EXPECT_TRUE(valid_tracestate(text)) << text;
}

TEST(TracestateTest, AcceptsEmptyMembers) {
  for (const char* text : {"foo=1,", ",foo=1", "foo=1,,bar=2", "foo=1, \t ,bar=2", " , foo=1"})
    EXPECT_TRUE(valid_tracestate(text)) << text;
}

TEST(TracestateTest, TakesAListWithoutAnyMemberForAbsent) {
  for (const char* text : {"", " ", ",", " , ,\t"}) EXPECT_FALSE(valid_tracestate(text)) << text;
  EXPECT_FALSE(valid_tracestate({}));
}

TEST(TracestateTest, DoesNotCountEmptyMembers) { EXPECT_TRUE(valid_tracestate(members(32) + ",,,,")); }

TEST(TracestateTest, AcceptsAtMost32Members) {
  EXPECT_TRUE(valid_tracestate(members(32)));
  EXPECT_FALSE(valid_tracestate(members(33)));
}

TEST(TracestateTest, AcceptsEveryAllowedCharacter) {
  const std::string key = "abcdefghijklmnopqrstuvwxyz0123456789_-*/";
  std::string value;
  for (char character = 0x20; character < 0x7f; ++character) {
    if (character != ',' && character != '=') value += character;
  }
  EXPECT_TRUE(valid_tracestate(key + "=" + value));
  EXPECT_TRUE(valid_tracestate(key + "@a-z0-9_-*/=" + value));
}

TEST(TracestateTest, RefusesEveryOtherCharacterInAKey) {
  const std::string known = "abcdefghijklmnopqrstuvwxyz0123456789_-*/@=,";
  for (int value = 0; value < 256; ++value) {
    const char character = static_cast<char>(value);
    if (known.find(character) != std::string::npos) continue;
    EXPECT_FALSE(valid_tracestate(std::string{"fo"} + character + "o=1")) << value;
    EXPECT_FALSE(valid_tracestate(std::string{"foo@ve"} + character + "n=1")) << value;
  }
}

TEST(TracestateTest, RefusesEveryOtherCharacterInAValue) {
  for (int value = 0; value < 256; ++value) {
    const char character = static_cast<char>(value);
    const bool allowed = value >= 0x20 && value < 0x7f && character != ',' && character != '=';
    if (character == ',') continue;  // it ends the member
    EXPECT_EQ(valid_tracestate(std::string{"foo=b"} + character + "r"), allowed) << value;
  }
}

TEST(TracestateTest, RefusesAKeyThatDoesNotBeginWithALetterOrDigit) {
  for (const char* text : {"_foo=1", "-foo=1", "*foo=1", "/foo=1", "@foo=1"})
    EXPECT_FALSE(valid_tracestate(text)) << text;
  EXPECT_TRUE(valid_tracestate("0foo=1"));
  EXPECT_TRUE(valid_tracestate("0tenant@system=1"));
}

TEST(TracestateTest, RefusesAMultiTenantKeyOfAnotherShape) {
  for (const char* text :
       {"foo@=1", "@foo=1", "foo@@bar=1", "foo@bar@baz=1", "foo@0bar=1", "@=1", "_foo@bar=1"})
    EXPECT_FALSE(valid_tracestate(text)) << text;
  EXPECT_TRUE(valid_tracestate("foo@bar=1"));
}

TEST(TracestateTest, RefusesAMemberWithoutAKeyOrAValue) {
  for (const char* text :
       {"foo", "foo=", "=1", "=", "foo=1,bar", "foo=1,=2", "foo=1,bar=", "foo =1", "foo= ", "foo=1=2"})
    EXPECT_FALSE(valid_tracestate(text)) << text;
}

TEST(TracestateTest, AcceptsBlanksInsideAValue) {
  EXPECT_TRUE(valid_tracestate("foo= 1"));
  EXPECT_TRUE(valid_tracestate("foo=a b"));
  EXPECT_FALSE(valid_tracestate("foo=a\tb"));
}

TEST(TracestateTest, HoldsTheLimitsOfKeys) {
  EXPECT_TRUE(valid_tracestate(std::string(256, 'z') + "=1"));
  EXPECT_FALSE(valid_tracestate(std::string(257, 'z') + "=1"));
  EXPECT_TRUE(valid_tracestate(std::string(241, 't') + "@" + std::string(14, 'v') + "=1"));
  EXPECT_FALSE(valid_tracestate(std::string(242, 't') + "@v=1"));
  EXPECT_FALSE(valid_tracestate("t@" + std::string(15, 'v') + "=1"));
}

TEST(TracestateTest, HoldsTheLimitOfValues) {
  EXPECT_TRUE(valid_tracestate("foo=" + std::string(256, 'v')));
  EXPECT_FALSE(valid_tracestate("foo=" + std::string(257, 'v')));
}

TEST(TracestateTest, TakesAnOverLongHeaderForAbsent) {
  const std::string member = "foo=" + std::string(251, 'v');
  const std::string two = member + "," + member + ",";
  ASSERT_EQ(two.size(), kMaxTracestateLength);
  EXPECT_TRUE(valid_tracestate(two));
  EXPECT_FALSE(valid_tracestate(two + " "));
}

TEST(TracestateTest, RefusesAllWhenOneMemberIsWrong) {
  EXPECT_FALSE(valid_tracestate("foo=1,BAR=2"));
  EXPECT_FALSE(valid_tracestate("BAR=2,foo=1"));
}

// Which of two equal keys counts is for the vendors to say: the header is handed on as it came.
TEST(TracestateTest, LeavesRepeatedKeysAlone) { EXPECT_TRUE(valid_tracestate("foo=1,foo=2")); }

}  // namespace
}  // namespace waybill::context
