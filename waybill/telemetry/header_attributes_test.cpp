#include "waybill/telemetry/header_attributes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "waybill/segment/header_texts.h"

namespace waybill::telemetry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The bytes that a host writes for these headers.
std::vector<std::uint8_t> record_of(const segment::HeaderTexts& headers) {
  std::vector<std::uint8_t> bytes(headers.size());
  headers.write(bytes.data());
  return bytes;
}

RecordHeaders read(const std::vector<std::uint8_t>& bytes) {
  EXPECT_TRUE(RecordHeaders::are_sound(bytes, 0));
  return RecordHeaders{reinterpret_cast<const char*>(bytes.data())};
}

void add(segment::HeaderTexts& headers, std::string_view name, std::string_view value,
         std::uint8_t uses = segment::kForAttribute) {
  headers.add(name, value.data(), value.size(), uses);
}

class HeaderAttributesTest : public ::testing::Test {
 protected:
  // "name: value|value" for each attribute.
  std::vector<std::string> attributes_of(const segment::HeaderTexts& headers, std::size_t length = SIZE_MAX) {
    const std::vector<std::uint8_t> bytes = record_of(headers);
    AttributeList list{memory_};
    put_headers(list, read(bytes));
    left_out_ = list.limit(128, length);
    std::vector<std::string> texts;
    for (const Attribute& attribute : list.keep()) {
      std::string values;
      if (const auto* text = std::get_if<std::string_view>(&attribute.value)) {
        texts.push_back(std::string{attribute.key} + ": " + std::string{*text});
        continue;
      }
      for (const std::string_view value : std::get<std::span<const std::string_view>>(attribute.value))
        values += "|" + std::string{value};
      texts.push_back(std::string{attribute.key} + ": " + values.substr(1));
    }
    return texts;
  }

  Arena memory_;
  std::uint32_t left_out_ = 0;
};

TEST_F(HeaderAttributesTest, ShowAllValuesOfANameInTheirOrder) {
  segment::HeaderTexts headers;
  add(headers, "tenant", "eu");
  add(headers, "retry", "1");
  add(headers, "tenant", "us");
  EXPECT_THAT(attributes_of(headers),
              ElementsAre("messaging.header.tenant: eu|us", "messaging.header.retry: 1"));
  EXPECT_EQ(left_out_, 0U);
}

TEST_F(HeaderAttributesTest, ShowANullValueAsAnEmptyTextAndABinaryOneInBase64) {
  segment::HeaderTexts headers;
  headers.add("a", nullptr, 0, segment::kForAttribute);
  add(headers, "a", "");
  add(headers, "a", std::string_view{"\x00\xff", 2});
  EXPECT_THAT(attributes_of(headers), ElementsAre("messaging.header.a: ||base64:AP8="));
}

TEST_F(HeaderAttributesTest, ShowTheBeginningOfALongTextWithoutATornCharacter) {
  segment::HeaderTexts headers;
  const std::string text = std::string(segment::kMaxHeaderValue - 1, 'x') + "\u00fc";
  add(headers, "long", text);
  EXPECT_THAT(attributes_of(headers),
              ElementsAre("messaging.header.long: " + text.substr(0, segment::kMaxHeaderValue - 1)));
}

TEST_F(HeaderAttributesTest, ShowTheLastConversationIdByItsNameToo) {
  segment::HeaderTexts headers;
  add(headers, "call", "first", segment::kForConversationId);
  add(headers, "call", "second", segment::kForConversationId | segment::kForAttribute);
  EXPECT_THAT(attributes_of(headers),
              ElementsAre("messaging.message.conversation_id: second", "messaging.header.call: second"));
}

TEST_F(HeaderAttributesTest, ShowNoConversationIdThatIsNoWholeText) {
  const std::string large(segment::kMaxHeaderValue + 1, 'x');
  for (const std::string_view value :
       {std::string_view{"\xff"}, std::string_view{large}, std::string_view{}}) {
    segment::HeaderTexts headers;
    headers.add("call", value.data(), value.size(), segment::kForConversationId);
    EXPECT_THAT(attributes_of(headers), IsEmpty());
  }
}

TEST_F(HeaderAttributesTest, AreCutToTheLengthOfAttributes) {
  segment::HeaderTexts headers;
  add(headers, "a", "gr\u00fcn");
  add(headers, "a", "x");
  EXPECT_THAT(attributes_of(headers, 3), ElementsAre("messaging.header.a: gr|x"));
}

TEST_F(HeaderAttributesTest, LeaveOutANameThatIsNoTextAndSayWhatFoundNoRoom) {
  segment::HeaderTexts headers;
  add(headers, "\xff", "1");
  add(headers, std::string(segment::kMaxHeaderName + 1, 'n'), "1");
  EXPECT_THAT(attributes_of(headers), IsEmpty());
  EXPECT_EQ(left_out_, 1U);
}

TEST(RecordHeadersTest, AreSoundOnlyIfAllOfThemStandInTheRecord) {
  segment::HeaderTexts headers;
  for (int number = 0; number < 40; ++number) add(headers, "name", "value");
  const std::vector<std::uint8_t> whole = record_of(headers);
  EXPECT_TRUE(RecordHeaders::are_sound(whole, 0));
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(RecordHeaders::are_sound(std::span{whole}.first(size), 0)) << size;
  EXPECT_FALSE(RecordHeaders::are_sound(whole, whole.size() + 1));
  std::vector<std::uint8_t> many(8'000);
  many[0] = segment::kMaxCapturedHeaders + 1;
  EXPECT_FALSE(RecordHeaders::are_sound(many, 0));
}

}  // namespace
}  // namespace waybill::telemetry
