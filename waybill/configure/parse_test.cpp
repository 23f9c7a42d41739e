#include "waybill/configure/parse.h"

#include <gtest/gtest.h>

namespace waybill::configure {
namespace {

TEST(ParseTest, ReadsWholeNumbersOnly) {
  EXPECT_EQ(parse_integer("0"), 0U);
  EXPECT_EQ(parse_integer("18446744073709551615"), UINT64_MAX);
  for (const char* text : {"", "-1", "+1", "1.5", "1e3", "10ms", " 1", "0x10", "18446744073709551616"})
    EXPECT_EQ(parse_integer(text), std::nullopt) << text;
}

TEST(ParseTest, ReadsRatiosFromZeroToOne) {
  EXPECT_EQ(parse_ratio("0"), 0.0);
  EXPECT_EQ(parse_ratio("0.25"), 0.25);
  EXPECT_EQ(parse_ratio("1e-3"), 0.001);
  EXPECT_EQ(parse_ratio("1.0"), 1.0);
  for (const char* text : {"", "-0.1", "1.1", "nan", "inf", "0,5", "50%", "0.5 ", "1e999"})
    EXPECT_EQ(parse_ratio(text), std::nullopt) << text;
}

TEST(ParseTest, ReadsListsWithoutBlanksAndEmptyMembers) {
  EXPECT_EQ(parse_list(" a , b,,\tc ,"), (std::vector<std::string_view>{"a", "b", "c"}));
  EXPECT_TRUE(parse_list("").empty());
  EXPECT_TRUE(parse_list(" , ,").empty());
}

TEST(ParseTest, DecodesPercentSigns) {
  EXPECT_EQ(percent_decode("a%20b%2Cc%2fd"), "a b,c/d");
  EXPECT_EQ(percent_decode("a+b"), "a+b");
  EXPECT_EQ(percent_decode(""), "");
  for (const char* text : {"%", "a%2", "%zz", "%-1", "100%", "%2 0"})
    EXPECT_EQ(percent_decode(text), std::nullopt) << text;
}

TEST(ParseTest, ReadsPairs) {
  EXPECT_EQ(parse_pairs(" a = 1 ,b=x%3Dy, c=x=y ,d=,"),
            (Pairs{{"a", "1"}, {"b", "x=y"}, {"c", "x=y"}, {"d", ""}}));
  EXPECT_EQ(parse_pairs(""), Pairs{});
}

TEST(ParseTest, RefusesAllPairsWhenOneIsWrong) {
  for (const char* text : {"a=1,b", "a=1,=2", "a=1,b=%zz", "%=1", "a=1,b=100%"})
    EXPECT_EQ(parse_pairs(text), std::nullopt) << text;
}

TEST(ParseTest, KnowsHttpUrls) {
  for (const char* url : {"http://localhost", "https://collector:4318/v1/traces", "http://[::1]:4318"})
    EXPECT_TRUE(is_http_url(url)) << url;
  for (const char* url :
       {"", "localhost:4318", "ftp://host", "http://", "http:///v1", "http://:4318", "http://a b"})
    EXPECT_FALSE(is_http_url(url)) << url;
}

TEST(ParseTest, SeesWhetherAUrlHasAPath) {
  EXPECT_TRUE(has_no_path("http://host:4318"));
  EXPECT_FALSE(has_no_path("http://host:4318/"));
  EXPECT_FALSE(has_no_path("https://host/v1/traces"));
}

TEST(ParseTest, TakesThePasswordOutOfAUrl) {
  EXPECT_EQ(without_password("https://user:secret@host:1/path"), "https://…@host:1/path");
  EXPECT_EQ(without_password("https://host/path@x"), "https://host/path@x");
}

}  // namespace
}  // namespace waybill::configure
