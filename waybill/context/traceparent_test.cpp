#include "waybill/context/traceparent.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <random>
#include <string>

namespace waybill::context {
namespace {

const std::string kTrace = "12345678901234567890123456789012";
const std::string kSpan = "1234567890123456";
const std::string kGood = "00-" + kTrace + "-" + kSpan + "-01";

std::string format(const SpanContext& context) {
  std::string text(kTraceparentLength, '?');
  format_traceparent(context, std::span<char, kTraceparentLength>{text.data(), kTraceparentLength});
  return text;
}

bool valid(const std::string& text) { return parse_traceparent(text).valid(); }

SpanContext any_context(std::mt19937_64& random) {
  SpanContext context;
  for (auto& byte : context.trace_id.bytes) byte = static_cast<std::uint8_t>(random());
  for (auto& byte : context.span_id.bytes) byte = static_cast<std::uint8_t>(random());
  context.flags = static_cast<std::uint8_t>(random() & 3U);
  return context;
}

TEST(TraceparentTest, ReadsIdsAndFlags) {
  const SpanContext parsed = parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  ASSERT_TRUE(parsed.valid());
  EXPECT_EQ(parsed.trace_id.bytes.front(), 0x0a);
  EXPECT_EQ(parsed.trace_id.bytes.back(), 0x9c);
  EXPECT_EQ(parsed.span_id.bytes.front(), 0xb7);
  EXPECT_EQ(parsed.span_id.bytes.back(), 0x31);
  EXPECT_TRUE(parsed.sampled());
}

TEST(TraceparentTest, WritesVersion00) { EXPECT_EQ(format(parse_traceparent(kGood)), kGood); }

TEST(TraceparentTest, ReadsBackWhatItWrote) {
  std::mt19937_64 random{1};
  for (int round = 0; round < 10'000; ++round) {
    const SpanContext context = any_context(random);
    const SpanContext parsed = parse_traceparent(format(context));
    ASSERT_TRUE(parsed.valid());
    ASSERT_EQ(parsed, context);
  }
}

TEST(TraceparentTest, ReadsTheSampledBitOfTheFlagsOfAnyVersion) {
  for (const std::string version : {"00", "01", "cc", "fe"}) {
    for (unsigned flags = 0; flags < 256; ++flags) {
      char digits[3];
      std::snprintf(digits, sizeof digits, "%02x", flags);
      const SpanContext parsed = parse_traceparent(version + kGood.substr(2, 51) + digits);
      ASSERT_TRUE(parsed.valid()) << version << " " << digits;
      EXPECT_EQ(parsed.sampled(), (flags & 1U) != 0);
      EXPECT_EQ(parsed.flags, flags & 3U) << "unknown flags are dropped, random is kept";
    }
  }
}

TEST(TraceparentTest, WritesNoFlagThatVersion00DoesNotKnow) {
  SpanContext context = parse_traceparent(kGood);
  context.flags = 0xff;
  EXPECT_EQ(format(context).substr(53), "03");
}

TEST(TraceparentTest, RefusesEveryTruncation) {
  const std::string future = "cc-" + kTrace + "-" + kSpan + "-01";
  for (std::size_t size = 0; size < kTraceparentLength; ++size) {
    EXPECT_FALSE(valid(kGood.substr(0, size))) << size;
    EXPECT_FALSE(valid(future.substr(0, size))) << size;
  }
}

TEST(TraceparentTest, RefusesVersion00WithAnythingBehindIt) {
  for (const std::string more : {"-", ".", "0", " ", "-extra", "-01"})
    EXPECT_FALSE(valid(kGood + more)) << more;
}

TEST(TraceparentTest, AcceptsALaterVersionWithExtraFields) {
  const std::string future = "cc" + kGood.substr(2);
  EXPECT_TRUE(valid(future));
  EXPECT_TRUE(valid(future + "-"));
  EXPECT_TRUE(valid(future + "-what-the-future-will-be-like"));
  EXPECT_EQ(parse_traceparent(future + "-anything"), parse_traceparent(kGood));
}

TEST(TraceparentTest, RefusesALaterVersionWhoseFlagsGoOn) {
  const std::string future = "cc" + kGood.substr(2);
  for (const std::string more : {".what-the-future", "0", "01", " ", "x-y"})
    EXPECT_FALSE(valid(future + more)) << more;
}

TEST(TraceparentTest, RefusesALaterVersionThatIsOverLong) {
  const std::string future = "cc" + kGood.substr(2) + "-";
  EXPECT_TRUE(valid(future + std::string(kMaxTraceparentLength - future.size(), 'x')));
  EXPECT_FALSE(valid(future + std::string(kMaxTraceparentLength - future.size() + 1, 'x')));
}

TEST(TraceparentTest, AcceptsEveryVersionButTheForbiddenOne) {
  for (unsigned version = 0; version < 256; ++version) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", version);
    EXPECT_EQ(valid(digits + kGood.substr(2)), version != 0xff) << digits;
  }
  EXPECT_FALSE(valid("ff" + kGood.substr(2) + "-extra"));
}

TEST(TraceparentTest, RefusesVersionsOfAnotherShape) {
  for (const std::string version : {".0", "0.", "000", "0", "", "0x", "FE", " 0"})
    EXPECT_FALSE(valid(version + kGood.substr(2))) << version;
}

TEST(TraceparentTest, RefusesZeroIds) {
  EXPECT_FALSE(valid("00-" + std::string(32, '0') + "-" + kSpan + "-01"));
  EXPECT_FALSE(valid("00-" + kTrace + "-" + std::string(16, '0') + "-01"));
  EXPECT_FALSE(valid("cc-" + std::string(32, '0') + "-" + kSpan + "-01-extra"));
}

TEST(TraceparentTest, RefusesIdsAndFlagsOfAnotherLength) {
  EXPECT_FALSE(valid("00-" + kTrace + "3-" + kSpan + "-01"));
  EXPECT_FALSE(valid("00-" + kTrace.substr(1) + "-" + kSpan + "-01"));
  EXPECT_FALSE(valid("00-" + kTrace + "-" + kSpan + "7-01"));
  EXPECT_FALSE(valid("00-" + kTrace + "-" + kSpan.substr(1) + "-01"));
  EXPECT_FALSE(valid("00-" + kTrace + "-" + kSpan + "-001"));
  EXPECT_FALSE(valid("00-" + kTrace + "-" + kSpan + "-1"));
  EXPECT_FALSE(valid("00-" + kTrace.substr(1) + "-" + kSpan + "7-01"))
      << "55 characters, but a dash misplaced";
}

TEST(TraceparentTest, RefusesAWrongCharacterAtEveryPlace) {
  for (std::size_t at = 0; at < kGood.size(); ++at) {
    for (const char wrong : {'.', 'G', 'g', ' ', '\t', '\0', '\x80', '\xff'}) {
      std::string text = kGood;
      text[at] = wrong;
      EXPECT_FALSE(valid(text)) << at << " " << static_cast<int>(wrong);
    }
  }
}

TEST(TraceparentTest, RefusesUpperCase) {
  const std::string lower = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0a";
  ASSERT_TRUE(valid(lower));
  for (std::size_t at = 0; at < lower.size(); ++at) {
    if (lower[at] < 'a') continue;
    std::string text = lower;
    text[at] = static_cast<char>(text[at] - 'a' + 'A');
    EXPECT_FALSE(valid(text)) << text;
  }
}

TEST(TraceparentTest, RefusesBlanksAroundTheValue) {
  for (const std::string blank : {" ", "\t", "\r\n"}) {
    EXPECT_FALSE(valid(blank + kGood));
    EXPECT_FALSE(valid(kGood + blank));
  }
}

TEST(TraceparentTest, RefusesANullOrEmptyValue) {
  EXPECT_FALSE(parse_traceparent({}).valid());
  EXPECT_FALSE(parse_traceparent(std::string_view{nullptr, 0}).valid());
}

TEST(TraceparentTest, GivesNoContextWhenItIsNotValid) {
  EXPECT_EQ(parse_traceparent(kGood + "-"), SpanContext{});
  EXPECT_EQ(parse_traceparent("ff" + kGood.substr(2)), SpanContext{});
}

}  // namespace
}  // namespace waybill::context
