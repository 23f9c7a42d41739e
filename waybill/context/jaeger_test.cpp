#include "waybill/context/jaeger.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace waybill::context {
namespace {

const std::string kTrace = "80f198ee56343ba864fe8b2a57d3eff7";
const std::string kSpan = "e457b5a2e4d86bd1";
const std::string kGood = kTrace + ":" + kSpan + ":05e3ac9a4f6e3b90:1";

std::string format(const SpanContext& context) {
  std::string text(kJaegerLength, '?');
  format_jaeger(context, std::span<char, kJaegerLength>{text.data(), kJaegerLength});
  return text;
}

SpanContext any_context(std::mt19937_64& random) {
  SpanContext context;
  for (auto& byte : context.trace_id.bytes) byte = static_cast<std::uint8_t>(random());
  for (auto& byte : context.span_id.bytes) byte = static_cast<std::uint8_t>(random());
  constexpr std::uint8_t kStates[] = {0, kFlagSampled, kFlagSampled | kFlagDebug};
  context.flags = kStates[random() % 3];
  return context;
}

TEST(JaegerTest, ReadsIdsAndFlagsAndWritesThemWithoutTheParent) {
  EXPECT_EQ(format(parse_jaeger(kGood)), kTrace + ":" + kSpan + ":0:1");
  EXPECT_FALSE(parse_jaeger(kTrace + ":" + kSpan + ":0:0").sampled());
  EXPECT_FALSE(parse_jaeger(kTrace + ":" + kSpan + ":0:8").sampled());
  EXPECT_TRUE(parse_jaeger(kTrace + ":" + kSpan + ":0:01").sampled());
}

TEST(JaegerTest, FillsShortIdsWithZerosOnTheLeft) {
  EXPECT_EQ(format(parse_jaeger("7b:1c8:0:1")), "0000000000000000000000000000007b:00000000000001c8:0:1");
}

TEST(JaegerTest, ReadsEncodedColons) {
  EXPECT_EQ(parse_jaeger(kTrace + "%3A" + kSpan + "%3a0%3A1"), parse_jaeger(kTrace + ":" + kSpan + ":0:1"));
  EXPECT_TRUE(parse_jaeger(kTrace + "%3A" + kSpan + "%3A0%3A1").valid());
}

TEST(JaegerTest, HandsADebugTraceOnAsOneThatIsSampled) {
  for (const char* flags : {"2", "3", "03", "0b"}) {
    const SpanContext context = parse_jaeger(kTrace + ":" + kSpan + ":0:" + flags);
    EXPECT_TRUE(context.sampled()) << flags;
    EXPECT_EQ(format(context).back(), '3') << flags;
  }
}

TEST(JaegerTest, ReadsBackWhatItWrote) {
  std::mt19937_64 random{1};
  for (int round = 0; round < 10'000; ++round) {
    const SpanContext context = any_context(random);
    const std::string text = format(context);
    ASSERT_EQ(parse_jaeger(text), context);
    ASSERT_EQ(jaeger_says_sampled(text.data()), context.sampled());
  }
}

TEST(JaegerTest, RefusesWhatIsNotJaegers) {
  for (const std::string& text : {std::string{},
                                  std::string{":"},
                                  std::string{":::"},
                                  kTrace,
                                  kTrace + ":" + kSpan,
                                  kTrace + ":" + kSpan + ":0",
                                  kTrace + ":" + kSpan + ":0:",
                                  kTrace + ":" + kSpan + "::1",
                                  kTrace + ":" + kSpan + ":0:001",
                                  kTrace + ":" + kSpan + ":0:1:",
                                  kTrace + ":" + kSpan + ":0:1 ",
                                  " " + kGood,
                                  "0" + kGood,
                                  kTrace + ":0" + kSpan + ":0:1",
                                  kTrace + ":" + kSpan + ":0" + kSpan + ":1",
                                  "0:" + kSpan + ":0:1",
                                  kTrace + ":0:0:1",
                                  "80F198EE56343BA864FE8B2A57D3EFF7:" + kSpan + ":0:1",
                                  kTrace + ":" + kSpan + ":0:x",
                                  kTrace + "%3B" + kSpan + "%3A0%3A1",
                                  kTrace + "%3" + kSpan + ":0:1"}) {
    EXPECT_FALSE(parse_jaeger(text).valid()) << text;
  }
}

TEST(JaegerTest, ReadsOrRefusesTextsWithOneWrongCharacterAndNeverReadsBeyondThem) {
  std::mt19937_64 random{2};
  const std::string encoded = kTrace + "%3A" + kSpan + "%3A0%3A1";
  for (int round = 0; round < 20'000; ++round) {
    const std::string& full = round % 2 == 0 ? kGood : encoded;
    std::string text = full.substr(0, random() % (full.size() + 1));
    if (!text.empty()) text[random() % text.size()] = static_cast<char>(random());
    const std::string exact{text};  // the sanitizers see a read beyond its end
    const SpanContext context = parse_jaeger({exact.data(), exact.size()});
    ASSERT_TRUE(context.valid() || context == SpanContext{}) << text;
  }
}

}  // namespace
}  // namespace waybill::context
