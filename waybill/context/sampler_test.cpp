#include "waybill/context/sampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "waybill/context/id_generator.h"

namespace waybill::context {
namespace {

using Kind = Sampler::Kind;

constexpr std::uint64_t kAllOf63Bits = std::uint64_t{1} << 63U;

Sampler ratio_sampler(double ratio, Kind kind = Kind::kTraceIdRatio) {
  return {kind, ratio_threshold(ratio)};
}

// A trace id whose last 8 bytes are `low`, most significant byte first.
TraceId trace_with_low_half(std::uint64_t low) {
  TraceId id;
  id.bytes[0] = 1;
  for (std::size_t at = 0; at < 8; ++at) id.bytes[15 - at] = static_cast<std::uint8_t>(low >> (8 * at));
  return id;
}

SpanContext parent_with_flags(std::uint8_t flags) {
  SpanContext parent;
  parent.trace_id.bytes[0] = 1;
  parent.span_id.bytes[0] = 1;
  parent.flags = flags;
  return parent;
}

TEST(SamplerTest, MakesTheThresholdOfARatio) {
  EXPECT_EQ(ratio_threshold(0), 0U);
  EXPECT_EQ(ratio_threshold(0.25), kAllOf63Bits / 4);
  EXPECT_EQ(ratio_threshold(0.5), kAllOf63Bits / 2);
  EXPECT_EQ(ratio_threshold(1), kAllOf63Bits);
}

TEST(SamplerTest, ClampsARatioThatIsOutOfRange) {
  EXPECT_EQ(ratio_threshold(-1), 0U);
  EXPECT_EQ(ratio_threshold(std::numeric_limits<double>::quiet_NaN()), 0U);
  EXPECT_EQ(ratio_threshold(2), kAllOf63Bits);
  EXPECT_EQ(ratio_threshold(std::numeric_limits<double>::infinity()), kAllOf63Bits);
}

TEST(SamplerTest, ComparesTheLastEightBytesShiftedByOneBit) {
  const Sampler sampler = ratio_sampler(0.25);
  const std::uint64_t first_out = sampler.argument << 1U;
  EXPECT_TRUE(decide(sampler, nullptr, trace_with_low_half(0)));
  EXPECT_TRUE(decide(sampler, nullptr, trace_with_low_half(first_out - 1)));
  EXPECT_FALSE(decide(sampler, nullptr, trace_with_low_half(first_out)));
  EXPECT_FALSE(decide(sampler, nullptr, trace_with_low_half(~0ULL)));
}

TEST(SamplerTest, SamplesAllAtRatioOneAndNoneAtRatioZero) {
  for (const std::uint64_t low : {0ULL, 1ULL, 1ULL << 63U, ~0ULL}) {
    EXPECT_TRUE(decide(ratio_sampler(1), nullptr, trace_with_low_half(low)));
    EXPECT_FALSE(decide(ratio_sampler(0), nullptr, trace_with_low_half(low)));
  }
}

TEST(SamplerTest, SamplesTheShareOfTracesThatTheRatioSays) {
  constexpr int kTraces = 200'000;
  for (const double ratio : {0.001, 0.01, 0.1, 0.5, 0.9}) {
    IdGenerator ids;
    ids.seed(11, 12);
    int sampled = 0;
    for (int trace = 0; trace < kTraces; ++trace)
      sampled += decide(ratio_sampler(ratio), nullptr, ids.next_trace_id()) ? 1 : 0;
    // Binomial distribution: a right sampler leaves four standard deviations once in 15,000 seeds.
    const double allowed = 4 * std::sqrt(kTraces * ratio * (1 - ratio));
    EXPECT_NEAR(sampled, kTraces * ratio, allowed) << ratio;
  }
}

TEST(SamplerTest, SamplesAtAHigherRatioWhatItSamplesAtALower) {
  IdGenerator ids;
  ids.seed(21, 22);
  int sampled = 0;
  for (int trace = 0; trace < 50'000; ++trace) {
    const TraceId id = ids.next_trace_id();
    if (!decide(ratio_sampler(0.1), nullptr, id)) continue;
    ++sampled;
    EXPECT_TRUE(decide(ratio_sampler(0.2), nullptr, id));
  }
  EXPECT_GT(sampled, 4'000);
}

TEST(SamplerTest, DecidesARootByItsKind) {
  const TraceId low = trace_with_low_half(0);
  const TraceId high = trace_with_low_half(~0ULL);
  const auto root = [](Kind kind, const TraceId& id) {
    return decide(ratio_sampler(0.5, kind), nullptr, id);
  };
  EXPECT_TRUE(root(Kind::kAlwaysOn, high));
  EXPECT_TRUE(root(Kind::kParentBasedAlwaysOn, high));
  EXPECT_FALSE(root(Kind::kAlwaysOff, low));
  EXPECT_FALSE(root(Kind::kParentBasedAlwaysOff, low));
  for (const Kind kind : {Kind::kTraceIdRatio, Kind::kParentBasedTraceIdRatio}) {
    EXPECT_TRUE(root(kind, low));
    EXPECT_FALSE(root(kind, high));
  }
}

TEST(SamplerTest, FollowsTheParentsSampledBitWhenItIsParentBased) {
  const SpanContext sampled = parent_with_flags(kFlagSampled | kFlagRandom);
  const SpanContext unsampled = parent_with_flags(kFlagRandom);
  for (const Kind kind :
       {Kind::kParentBasedAlwaysOn, Kind::kParentBasedAlwaysOff, Kind::kParentBasedTraceIdRatio}) {
    EXPECT_TRUE(decide(ratio_sampler(0, kind), &sampled, trace_with_low_half(~0ULL)));
    EXPECT_FALSE(decide(ratio_sampler(1, kind), &unsampled, trace_with_low_half(0)));
  }
}

TEST(SamplerTest, DoesNotAskTheParentWhenItIsNotParentBased) {
  const SpanContext sampled = parent_with_flags(kFlagSampled);
  const SpanContext unsampled = parent_with_flags(0);
  const TraceId any = trace_with_low_half(7);
  EXPECT_TRUE(decide({Kind::kAlwaysOn, 0}, &unsampled, any));
  EXPECT_FALSE(decide({Kind::kAlwaysOff, 0}, &sampled, any));
  EXPECT_TRUE(decide(ratio_sampler(1), &unsampled, any));
  EXPECT_FALSE(decide(ratio_sampler(0), &sampled, any));
}

TEST(SamplerTest, TakesAParentThatIsNotValidForNone) {
  SpanContext parent = parent_with_flags(kFlagSampled);
  parent.span_id = {};
  EXPECT_FALSE(decide({Kind::kParentBasedAlwaysOff, 0}, &parent, trace_with_low_half(7)));
  parent.flags = 0;
  EXPECT_TRUE(decide({Kind::kParentBasedAlwaysOn, 0}, &parent, trace_with_low_half(7)));
}

TEST(SamplerTest, LetsSoManyThroughInASecondAndFollowsTheParentOnlyWhenItIsParentBased) {
  const SpanContext sampled = parent_with_flags(kFlagSampled);
  const SpanContext unsampled = parent_with_flags(0);
  for (const Kind kind : {Kind::kRateLimited, Kind::kParentBasedRateLimited}) {
    RateLimiter limiter;
    const Sampler sampler{kind, interval_of(10)};
    const auto ask = [&](const SpanContext* parent, int times) {
      int kept = 0;
      for (int time = 0; time < times; ++time)
        kept += decide(sampler, parent, trace_with_low_half(7), limiter, [] { return 5'000'000'000ULL; });
      return kept;
    };
    EXPECT_EQ(ask(nullptr, 6), 6);
    const bool follows = kind == Kind::kParentBasedRateLimited;
    EXPECT_EQ(ask(&unsampled, 2), follows ? 0 : 2);
    EXPECT_EQ(ask(&sampled, 100), follows ? 100 : 2);
    EXPECT_EQ(ask(nullptr, 100), follows ? 4 : 0);
  }
}

TEST(SamplerTest, AsksForNoTimeWithoutARate) {
  RateLimiter limiter;
  EXPECT_TRUE(decide({Kind::kAlwaysOn, 0}, nullptr, trace_with_low_half(7), limiter, []() -> std::uint64_t {
    ADD_FAILURE();
    return 0;
  }));
}

TEST(SamplerTest, SamplesNoRootWhenTheKindIsUnknown) {
  EXPECT_FALSE(decide({static_cast<Kind>(200), ~0ULL}, nullptr, trace_with_low_half(0)));
}

}  // namespace
}  // namespace waybill::context
