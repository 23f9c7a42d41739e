#include "waybill/configure/environment.h"

#include <gtest/gtest.h>

namespace waybill::configure {
namespace {

using namespace std::string_view_literals;

TEST(EnvironmentTest, ReadsABlockAsAHostCopiesIt) {
  const Environment environment = Environment::from_block("A=1\0B=two\0C=x=y\0"sv);
  EXPECT_EQ(environment.get("A"), "1");
  EXPECT_EQ(environment.get("B"), "two");
  EXPECT_EQ(environment.get("C"), "x=y");
  EXPECT_EQ(environment.get("D"), std::nullopt);
}

TEST(EnvironmentTest, ReadsABlockWithoutItsLastZero) {
  EXPECT_EQ(Environment::from_block("A=1\0B=2"sv).get("B"), "2");
  EXPECT_EQ(Environment::from_block({}), Environment{});
}

TEST(EnvironmentTest, TakesTheLastOfTwoLinesWithOneName) {
  EXPECT_EQ(Environment::from_block("A=1\0A=2\0"sv).get("A"), "2");
}

TEST(EnvironmentTest, SkipsWhatIsNoVariable) {
  EXPECT_EQ(Environment::from_block("\0nothing\0=value\0\0"sv), Environment{});
}

TEST(EnvironmentTest, TakesEmptyForUnset) {
  const Environment environment = Environment::from_block("A=\0B= \t\r\n\0"sv);
  EXPECT_EQ(environment.get("A"), std::nullopt);
  EXPECT_EQ(environment.get("B"), std::nullopt);
}

TEST(EnvironmentTest, TrimsBlanksAroundAValueOnly) {
  EXPECT_EQ(Environment::from_block(" A=1\0A= a b\t\r\n"sv).get("A"), "a b");
}

TEST(EnvironmentTest, ReadsAList) {
  const char* const variables[] = {"HOME=/root", "OTEL_SERVICE_NAME=orders", "OTEL_NO_VALUE", nullptr};
  EXPECT_EQ(Environment::from_list(variables),
            Environment::from_block("HOME=/root\0OTEL_SERVICE_NAME=orders\0"sv));
}

TEST(EnvironmentTest, ReadsNothingFromNoList) { EXPECT_EQ(Environment::from_list(nullptr), Environment{}); }

TEST(EnvironmentTest, IsOrderedByWhatItHolds) {
  const Environment less = Environment::from_block("A=1\0"sv);
  const Environment more = Environment::from_block("A=2\0"sv);
  EXPECT_TRUE(less < more);
  EXPECT_FALSE(more < less);
}

}  // namespace
}  // namespace waybill::configure
