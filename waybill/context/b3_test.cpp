#include "waybill/context/b3.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace waybill::context {
namespace {

using Outcome = ParsedB3::Outcome;

const std::string kTrace = "80f198ee56343ba864fe8b2a57d3eff7";
const std::string kShort = "64fe8b2a57d3eff7";
const std::string kSpan = "e457b5a2e4d86bd1";
const std::string kParent = "05e3ac9a4f6e3b90";
const std::string kGood = kTrace + "-" + kSpan + "-1";

std::string format(const SpanContext& context) {
  std::string text(kB3Length, '?');
  format_b3(context, std::span<char, kB3Length>{text.data(), kB3Length});
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

TEST(B3Test, ReadsIdsStateAndParent) {
  const ParsedB3 parsed = parse_b3(kGood + "-" + kParent);
  ASSERT_EQ(parsed.outcome, Outcome::kValid);
  EXPECT_EQ(parsed.context.trace_id.bytes.front(), 0x80);
  EXPECT_EQ(parsed.context.span_id.bytes.front(), 0xe4);
  EXPECT_TRUE(parsed.context.sampled());
  EXPECT_FALSE(parse_b3(kTrace + "-" + kSpan + "-0").context.sampled());
  EXPECT_FALSE(parse_b3(kTrace + "-" + kSpan).context.sampled());
}

TEST(B3Test, FillsAShortTraceIdWithZerosOnTheLeft) {
  const ParsedB3 parsed = parse_b3(kShort + "-" + kSpan + "-1");
  ASSERT_EQ(parsed.outcome, Outcome::kValid);
  EXPECT_EQ(format(parsed.context), "0000000000000000" + kShort + "-" + kSpan + "-1");
}

TEST(B3Test, HandsADebugTraceOnAsOneThatIsSampled) {
  const ParsedB3 parsed = parse_b3(kTrace + "-" + kSpan + "-d");
  EXPECT_TRUE(parsed.context.sampled());
  EXPECT_EQ(format(parsed.context).back(), 'd');
  EXPECT_TRUE(b3_says_sampled(format(parsed.context).data()));
}

TEST(B3Test, ReadsBackWhatItWrote) {
  std::mt19937_64 random{1};
  for (int round = 0; round < 10'000; ++round) {
    const SpanContext context = any_context(random);
    const std::string text = format(context);
    ASSERT_EQ(parse_b3(text).outcome, Outcome::kValid);
    ASSERT_EQ(parse_b3(text).context, context);
    ASSERT_EQ(b3_says_sampled(text.data()), context.sampled());
    const B3MultiText multi = format_b3_multi(context);
    const ParsedB3 parsed = parse_b3_multi({{multi.trace_id, 32},
                                            {multi.span_id, 16},
                                            {&multi.sampled, multi.debug ? 0U : 1U},
                                            multi.debug ? "1" : ""});
    ASSERT_EQ(parsed.outcome, Outcome::kValid);
    ASSERT_EQ(parsed.context, context);
  }
}

TEST(B3Test, TakesASamplingStateAloneForAbsent) {
  for (const char* text : {"0", "1", "d"}) EXPECT_EQ(parse_b3(text).outcome, Outcome::kAbsent) << text;
}

TEST(B3Test, RefusesWhatIsNotB3) {
  const std::string none(32, '0');
  for (const std::string& text :
       {std::string{}, std::string{"x"}, std::string{"-"}, kTrace, kTrace + "-", kTrace + "-" + kSpan + "-",
        kTrace + "-" + kSpan + "-2", kTrace + "-" + kSpan + "-1-", kGood + "-" + kSpan + "0", kGood + " ",
        " " + kGood, kTrace.substr(1) + "-" + kSpan + "-1", none + "-" + kSpan + "-1",
        kTrace + "-0000000000000000-1", "80F198EE56343BA864FE8B2A57D3EFF7-" + kSpan + "-1",
        kTrace + "_" + kSpan + "-1", kTrace + "-" + kSpan + "_1"}) {
    EXPECT_EQ(parse_b3(text).outcome, Outcome::kMalformed) << text;
  }
}

TEST(B3Test, ReadsOrRefusesTextsWithOneWrongCharacterAndNeverReadsBeyondThem) {
  std::mt19937_64 random{2};
  const std::string full = kGood + "-" + kParent;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = full.substr(0, random() % (full.size() + 1));
    if (!text.empty()) text[random() % text.size()] = static_cast<char>(random());
    const std::string exact{text};  // the sanitizers see a read beyond its end
    const ParsedB3 parsed = parse_b3({exact.data(), exact.size()});
    if (parsed.outcome == Outcome::kValid) {
      ASSERT_TRUE(parsed.context.valid()) << text;
    }
  }
}

TEST(B3Test, ReadsSeveralHeaders) {
  EXPECT_TRUE(parse_b3_multi({kTrace, kSpan, "1", {}}).context.sampled());
  EXPECT_TRUE(parse_b3_multi({kShort, kSpan, "true", {}}).context.sampled());
  EXPECT_FALSE(parse_b3_multi({kTrace, kSpan, "false", {}}).context.sampled());
  EXPECT_FALSE(parse_b3_multi({kTrace, kSpan, {}, {}}).context.sampled());
  const ParsedB3 debug = parse_b3_multi({kTrace, kSpan, "0", "1"});
  EXPECT_EQ(debug.context.flags, kFlagSampled | kFlagDebug);
  EXPECT_EQ(parse_b3_multi({{}, {}, "1", {}}).outcome, Outcome::kAbsent);
  EXPECT_EQ(parse_b3_multi({kTrace, {}, "1", {}}).outcome, Outcome::kMalformed);
  EXPECT_EQ(parse_b3_multi({{}, kSpan, "1", {}}).outcome, Outcome::kMalformed);
  EXPECT_EQ(parse_b3_multi({kTrace, kSpan, "yes", {}}).outcome, Outcome::kMalformed);
}

}  // namespace
}  // namespace waybill::context
