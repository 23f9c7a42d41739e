#include "waybill/context/baggage.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace waybill::context {
namespace {

std::string members(int count) {
  std::string text = "k=v";
  for (int number = 1; number < count; ++number) text += ",k" + std::to_string(number) + "=v";
  return text;
}

TEST(BaggageTest, AcceptsMembersWithBlanksAndProperties) {
  for (const char* text :
       {"key1=value1,key2=value2", "SomeKey=SomeValue;SomeProp", "SomeKey=SomeValue;SomeProp=x; Other",
        "key = value , other\t=\tvalue", "a=", "a=b=c", "userId=Am%C3%A9lie", "k!#$%&'*+-.^_`|~=v"}) {
    EXPECT_TRUE(valid_baggage(text)) << text;
  }
}

TEST(BaggageTest, RefusesWhatAReceiverCouldNotRead) {
  for (const char* text : {"", ",", "a", "=b", "a=b,", ",a=b", "a=b;", "a=b;;c", "a=b;=c", "a=\"b\"", "a=b c",
                           "a=b\\", "a b=c", "a=gr\xc3\xbcn", "a=\xff", "a=b\n", "a@b=c"}) {
    EXPECT_FALSE(valid_baggage(text)) << text;
  }
  EXPECT_FALSE(valid_baggage(std::string_view{"a=b\0c", 5}));
}

// Values are percent-encoded UTF-8; what is decoded is for whoever reads them.
TEST(BaggageTest, AcceptsTheExamplesOfTheSpecification) {
  for (const char* text :
       {"key1=value1;property1;property2, key2 = value2, key3=value3; propertyKey=propertyValue",
        "userId=alice,serverNode=DF%2028,isProduction=false", "userId =   alice",
        "serverNode = DF%2028, isProduction = false", "SomeKey \t = \t SomeValue \t ; \t SomeProp",
        "SomeKey \t = \t SomeValue \t ; \t ValueProp \t = \t PropVal \t , \t SomeKey2 \t = \t SomeValue2",
        "SomeKey=SomeValue=equals", "SomeKey=SomeValue;SomeProp;SecondProp=PropValue",
        "SomeKey=%09%20%22%27%3B%3Dasdf%21%40%23%24%25%5E%26%2A%28%29", "same=1,same=2"}) {
    EXPECT_TRUE(valid_baggage(text)) << text;
  }
}

TEST(BaggageTest, KnowsEveryCharacterOfAKeyAndOfAValue) {
  const std::string in_keys = "!#$%&'*+-.^_`|~";
  for (int number = 0; number < 256; ++number) {
    const auto one = static_cast<char>(number);
    const bool letter =
        (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') || (one >= '0' && one <= '9');
    EXPECT_EQ(valid_baggage(std::string{"k"} + one + "k=v"),
              letter || in_keys.find(one) != std::string::npos || one == '=')
        << number;
    if (one == ',' || one == ';') continue;  // they end the value
    const bool octet = one > 0x20 && one < 0x7f && one != '"' && one != '\\';
    EXPECT_EQ(valid_baggage(std::string{"k=v"} + one + "v"), octet) << number;
  }
}

TEST(BaggageTest, KeepsTheLimits) {
  EXPECT_TRUE(valid_baggage(members(180)));
  EXPECT_FALSE(valid_baggage(members(181)));
  EXPECT_TRUE(valid_baggage("k=" + std::string(kMaxBaggageLength - 2, 'v')));
  EXPECT_FALSE(valid_baggage("k=" + std::string(kMaxBaggageLength - 1, 'v')));
}

TEST(BaggageTest, IsPrintableAsciiWhateverItAccepts) {
  std::mt19937_64 random{1};
  const std::string good = "userId=alice;ttl=1,serverNode=DF%2028,isProduction=false";
  int accepted = 0;
  for (int round = 0; round < 50'000; ++round) {
    std::string text = good.substr(0, random() % (good.size() + 1));
    if (!text.empty()) text[random() % text.size()] = static_cast<char>(random());
    if (!valid_baggage(text)) continue;
    ++accepted;
    for (const char character : text)
      ASSERT_TRUE((character >= 0x20 && character < 0x7f) || character == '\t');
  }
  EXPECT_GT(accepted, 1'000);
}

TEST(BaggageTest, GivesTheValueOfAKeyWithoutBlanksAndProperties) {
  const std::string_view text =
      "tenant=acme,user = alice ;ttl=3; p , empty=,tenant2=x,twice=1,twice=2,eq=a=b";
  EXPECT_EQ(baggage_value(text, "tenant"), "acme");
  EXPECT_EQ(baggage_value(text, "user"), "alice");
  EXPECT_EQ(baggage_value(text, "empty"), "");
  EXPECT_EQ(baggage_value(text, "twice"), "2");
  EXPECT_EQ(baggage_value(text, "eq"), "a=b");
  for (const char* key : {"ttl", "p", "Tenant", "tenan", "tenant3", "", "acme"})
    EXPECT_EQ(baggage_value(text, key), std::nullopt) << key;
  EXPECT_EQ(baggage_value("", ""), std::nullopt);
}

}  // namespace
}  // namespace waybill::context
