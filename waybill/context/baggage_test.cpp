#include "waybill/context/baggage.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

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

TEST(BaggageTest, KeepsTheLimits) {
  EXPECT_TRUE(valid_baggage(members(64)));
  EXPECT_FALSE(valid_baggage(members(65)));
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

}  // namespace
}  // namespace waybill::context
