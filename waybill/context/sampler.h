#pragma once

#include <cstddef>
#include <cstdint>

#include "waybill/context/rate_limiter.h"
#include "waybill/context/span_context.h"

namespace waybill::context {

// A sampler as flat settings (OpenTelemetry specification, Trace SDK, "Built-in samplers"). The numbers of
// its kinds stand in segments.
struct Sampler {
  enum class Kind : std::uint8_t {
    kAlwaysOn = 0,
    kAlwaysOff = 1,
    kTraceIdRatio = 2,
    kRateLimited = 3,          // ours: so many in a second
    kRateLimitedPerTopic = 4,  // ours: so many of each topic
    kRules = 5,                // ours: the first rule that fits names one of the others
    kApplication = 6,          // code of the application's own
  };

  Kind kind = Kind::kAlwaysOn;
  // Of the ratio sampler a ratio_threshold(), of those with a rate an interval_of().
  std::uint64_t argument = 0;
};

// What a span's parent is: a parent-based sampler has a sampler for each of these, any other one has the same
// for all.
enum class ParentKind : std::uint8_t {
  kNone = 0,  // a root span
  kRemoteSampled = 1,
  kRemoteNotSampled = 2,
  kLocalSampled = 3,
  kLocalNotSampled = 4,
};
inline constexpr std::size_t kParentKinds = 5;

// `parent` is null or not valid for a root span; `is_remote`: it came with a message.
constexpr ParentKind parent_kind(const SpanContext* parent, bool is_remote) {
  if (parent == nullptr || !parent->valid()) return ParentKind::kNone;
  if (is_remote) return parent->sampled() ? ParentKind::kRemoteSampled : ParentKind::kRemoteNotSampled;
  return parent->sampled() ? ParentKind::kLocalSampled : ParentKind::kLocalNotSampled;
}

// The threshold for a ratio in [0, 1]: of 2^63 values, so many are sampled.
inline std::uint64_t ratio_threshold(double ratio) {
  constexpr double kTwoTo63 = 9223372036854775808.0;
  if (!(ratio > 0)) return 0;
  if (ratio >= 1) return std::uint64_t{1} << 63U;
  return static_cast<std::uint64_t>(ratio * kTwoTo63);
}

// True if the ratio sampler keeps the trace: it looks at the last 8 bytes of the trace id, as the Go SDK
// does, so that both keep the same traces.
bool within_ratio(const TraceId& trace_id, std::uint64_t threshold);

// True if a span of the trace `trace_id` is sampled. A sampler with a rate asks `limiter`, which all threads
// share; `now()` tells the time, and is called only then. Rules and the application's sampler, which stand
// elsewhere, sample nothing here, nor does a kind that is not known.
template <typename Now>
bool decide(const Sampler& sampler, const TraceId& trace_id, RateLimiter& limiter, Now&& now) {
  switch (sampler.kind) {
    case Sampler::Kind::kAlwaysOn:
      return true;
    case Sampler::Kind::kTraceIdRatio:
      return within_ratio(trace_id, sampler.argument);
    case Sampler::Kind::kRateLimited:
    case Sampler::Kind::kRateLimitedPerTopic:
      return limiter.allow(now(), sampler.argument);
    case Sampler::Kind::kAlwaysOff:
    case Sampler::Kind::kRules:
    case Sampler::Kind::kApplication:
      break;
  }
  return false;
}

}  // namespace waybill::context
