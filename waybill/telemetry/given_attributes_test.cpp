#include "waybill/telemetry/given_attributes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <string>
#include <variant>
#include <vector>

#include "waybill/segment/header_texts.h"
#include "waybill/telemetry/header_attributes.h"

namespace waybill::telemetry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Attributes as a host writes them.
class Given {
 public:
  Given& text(std::string_view name, std::string_view text, std::uint8_t bits = 0) {
    const std::string& kept = kept_.emplace_back(text);
    texts_.add(name, kept.data(), kept.size(), segment::kIsAttribute, bits);
    return *this;
  }
  template <typename Value>
  Given& value(std::string_view name, Value value, std::uint8_t bits) {
    return text(name, {reinterpret_cast<const char*>(&value), sizeof value}, bits);
  }

  std::vector<std::uint8_t> bytes() const {
    std::vector<std::uint8_t> bytes(texts_.size());
    texts_.write(bytes.data());
    return bytes;
  }

 private:
  segment::HeaderTexts texts_;
  std::deque<std::string> kept_;
};

RecordHeaders read(const std::vector<std::uint8_t>& bytes) {
  EXPECT_TRUE(RecordHeaders::are_sound(bytes, 0));
  return RecordHeaders{reinterpret_cast<const char*>(bytes.data())};
}

std::string to_text(const AttributeValue& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) return std::string{*text};
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number) + "i";
  if (const auto* number = std::get_if<double>(&value)) return std::to_string(*number) + "d";
  if (const auto* truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
  return "?";
}

class GivenAttributesTest : public ::testing::Test {
 protected:
  std::vector<std::string> attributes_of(std::vector<std::uint8_t> bytes, std::size_t most = 128) {
    AttributeList list{memory_};
    put_given(list, read(bytes));
    bytes.assign(bytes.size(), 0);  // what is kept was copied
    left_out_ = list.limit(most, SIZE_MAX);
    std::vector<std::string> shown;
    for (const Attribute& one : list.keep()) shown.push_back(std::string{one.key} + "=" + to_text(one.value));
    return shown;
  }

  Arena memory_;
  std::uint32_t left_out_ = 0;
};

TEST_F(GivenAttributesTest, KeepTheirTypes) {
  Given given;
  given.text("order.id", "4711").value("order.items", std::int64_t{-3}, segment::kIntegerValue);
  given.value("order.total", 1.5, segment::kDoubleValue);
  given.value("order.paid", std::uint8_t{1}, segment::kBoolValue);
  EXPECT_THAT(attributes_of(given.bytes()),
              ElementsAre("order.id=4711", "order.items=-3i", "order.total=1.500000d", "order.paid=true"));
  EXPECT_EQ(left_out_, 0U);
}

TEST_F(GivenAttributesTest, CountOnceByTheirNameWithTheLastValue) {
  Given given;
  given.text("order.id", "1").text("tenant", "eu");
  given.value("order.id", std::int64_t{2}, segment::kIntegerValue);
  EXPECT_THAT(attributes_of(given.bytes()), ElementsAre("tenant=eu", "order.id=2i"));
}

TEST_F(GivenAttributesTest, DoNotTakeThePlaceOfOurs) {
  Given given;
  for (const char* name :
       {"messaging.system", "server.address", "network.peer.port", "error.type", "waybill.kept", "\xff", ""})
    given.text(name, "mine");
  given.text("messaging", "mine");
  EXPECT_THAT(attributes_of(given.bytes()), ElementsAre("messaging=mine"));
  EXPECT_EQ(left_out_, 7U);
}

TEST_F(GivenAttributesTest, ShowWhatIsNoTextInBase64) {
  Given given;
  given.text("a", std::string_view{"\x00\xff", 2}).text("b", "gr\xc3", segment::kValueCut);
  EXPECT_THAT(attributes_of(given.bytes()), ElementsAre("a=base64:AP8=", "b=gr"));
}

TEST_F(GivenAttributesTest, LeaveOutWhatHasNotTheSizeOfItsType) {
  Given given;
  given.text("a", "1234567", segment::kIntegerValue).text("b", "123456789", segment::kDoubleValue);
  given.text("c", "", segment::kBoolValue);
  given.text("d", "12345678", segment::kIntegerValue | segment::kDoubleValue);
  EXPECT_THAT(attributes_of(given.bytes()), ElementsAre("d=" + std::to_string(0x3837363534333231) + "i"));
}

TEST_F(GivenAttributesTest, AreNoHeadersAndHeadersAreNone) {
  segment::HeaderTexts headers;
  headers.add("tenant", "eu", 2, segment::kForAttribute);
  std::vector<std::uint8_t> bytes(headers.size());
  headers.write(bytes.data());
  EXPECT_THAT(attributes_of(bytes), IsEmpty());
  const std::vector<std::uint8_t> given = Given{}.text("tenant", "eu").bytes();
  AttributeList list{memory_};
  put_headers(list, read(given));
  EXPECT_THAT(list.keep(), IsEmpty());
}

TEST_F(GivenAttributesTest, CountAmongTheLimits) {
  const std::vector<std::uint8_t> bytes = Given{}.text("a", "1").text("b", "1").text("c", "1").bytes();
  EXPECT_THAT(attributes_of(bytes, 2), ElementsAre("a=1", "b=1"));
  EXPECT_EQ(left_out_, 1U);
}

}  // namespace
}  // namespace waybill::telemetry
