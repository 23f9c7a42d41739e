#include "waybill/context/sampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "waybill/context/id_generator.h"

namespace waybill::context {
namespace {

using Kind = Sampler::Kind;

constexpr std::uint64_t kAllOf63Bits = std::uint64_t{1} << 63U;

bool sampled_at(double ratio, const TraceId& trace_id) {
  RateLimiter limiter;
  const auto no_time = []() -> std::uint64_t {
    ADD_FAILURE() << "a ratio asks for no time";
    return 0;
  };
  return decide({Kind::kTraceIdRatio, ratio_threshold(ratio)}, trace_id, limiter, no_time);
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
  const std::uint64_t first_out = ratio_threshold(0.25) << 1U;
  EXPECT_TRUE(sampled_at(0.25, trace_with_low_half(0)));
  EXPECT_TRUE(sampled_at(0.25, trace_with_low_half(first_out - 1)));
  EXPECT_FALSE(sampled_at(0.25, trace_with_low_half(first_out)));
  EXPECT_FALSE(sampled_at(0.25, trace_with_low_half(~0ULL)));
}

TEST(SamplerTest, SamplesAllAtRatioOneAndNoneAtRatioZero) {
  for (const std::uint64_t low : {0ULL, 1ULL, 1ULL << 63U, ~0ULL}) {
    EXPECT_TRUE(sampled_at(1, trace_with_low_half(low)));
    EXPECT_FALSE(sampled_at(0, trace_with_low_half(low)));
  }
}

// Hoeffding: a right sampler is further from the mean than this once in a thousand million seeds.
double allowed_error(int tries) { return std::sqrt(tries * std::log(2 / 1e-9) / 2); }

TEST(SamplerTest, SamplesTheShareOfTracesThatTheRatioSays) {
  constexpr int kTraces = 200'000;
  for (const double ratio : {0.001, 0.01, 0.1, 0.5, 0.9}) {
    IdGenerator ids;
    ids.seed(11, 12);
    int sampled = 0;
    for (int trace = 0; trace < kTraces; ++trace) sampled += sampled_at(ratio, ids.next_trace_id()) ? 1 : 0;
    EXPECT_NEAR(sampled, kTraces * ratio, allowed_error(kTraces)) << ratio;
  }
}

TEST(SamplerTest, SamplesAtAHigherRatioWhatItSamplesAtALower) {
  IdGenerator ids;
  ids.seed(21, 22);
  int sampled = 0;
  for (int trace = 0; trace < 50'000; ++trace) {
    const TraceId id = ids.next_trace_id();
    if (!sampled_at(0.1, id)) continue;
    ++sampled;
    EXPECT_TRUE(sampled_at(0.2, id));
  }
  EXPECT_GT(sampled, 5'000 - allowed_error(50'000));
}

TEST(SamplerTest, DecidesByItsKind) {
  const TraceId any = trace_with_low_half(7);
  RateLimiter limiter;
  const auto now = [] { return 5'000'000'000ULL; };
  EXPECT_TRUE(decide({Kind::kAlwaysOn, 0}, any, limiter, now));
  EXPECT_FALSE(decide({Kind::kAlwaysOff, 0}, any, limiter, now));
  EXPECT_FALSE(decide({Kind::kRules, ~0ULL}, any, limiter, now));
  EXPECT_FALSE(decide({static_cast<Kind>(200), ~0ULL}, any, limiter, now));
}

TEST(SamplerTest, LetsSoManyThroughInASecond) {
  for (const Kind kind : {Kind::kRateLimited, Kind::kRateLimitedPerTopic}) {
    RateLimiter limiter;
    int kept = 0;
    for (int asked = 0; asked < 100; ++asked)
      kept +=
          decide({kind, interval_of(10)}, trace_with_low_half(7), limiter, [] { return 5'000'000'000ULL; });
    EXPECT_EQ(kept, 10);
  }
}

TEST(SamplerTest, TellsFiveKindsOfParentsApart) {
  const SpanContext sampled = parent_with_flags(kFlagSampled | kFlagRandom);
  const SpanContext unsampled = parent_with_flags(kFlagRandom);
  EXPECT_EQ(parent_kind(nullptr, true), ParentKind::kNone);
  EXPECT_EQ(parent_kind(&sampled, true), ParentKind::kRemoteSampled);
  EXPECT_EQ(parent_kind(&unsampled, true), ParentKind::kRemoteNotSampled);
  EXPECT_EQ(parent_kind(&sampled, false), ParentKind::kLocalSampled);
  EXPECT_EQ(parent_kind(&unsampled, false), ParentKind::kLocalNotSampled);
}

TEST(SamplerTest, TakesAParentThatIsNotValidForNone) {
  SpanContext parent = parent_with_flags(kFlagSampled);
  parent.span_id = {};
  EXPECT_EQ(parent_kind(&parent, true), ParentKind::kNone);
  EXPECT_EQ(parent_kind(&parent, false), ParentKind::kNone);
}

}  // namespace
}  // namespace waybill::context
