#pragma once

#include <cstdint>

#include "waybill/context/rate_limiter.h"
#include "waybill/context/span_context.h"

namespace waybill::context {

// A sampler as flat settings (OpenTelemetry specification, Trace SDK, "Built-in samplers").
struct Sampler {
  enum class Kind : std::uint8_t {
    kAlwaysOn,
    kAlwaysOff,
    kTraceIdRatio,
    kParentBasedAlwaysOn,
    kParentBasedAlwaysOff,
    kParentBasedTraceIdRatio,
    kRateLimited,  // ours: so many in a second
    kParentBasedRateLimited,
  };

  Kind kind = Kind::kParentBasedAlwaysOn;
  // Of the ratio samplers a ratio_threshold(), of those with a rate an interval_of().
  std::uint64_t argument = 0;

  constexpr bool has_rate() const {
    return kind == Kind::kRateLimited || kind == Kind::kParentBasedRateLimited;
  }
  constexpr bool follows_parent() const {
    return kind >= Kind::kParentBasedAlwaysOn && kind != Kind::kRateLimited;
  }
};

// The threshold for a ratio in [0, 1]: of 2^63 values, so many are sampled.
inline std::uint64_t ratio_threshold(double ratio) {
  constexpr double kTwoTo63 = 9223372036854775808.0;
  if (!(ratio > 0)) return 0;
  if (ratio >= 1) return std::uint64_t{1} << 63U;
  return static_cast<std::uint64_t>(ratio * kTwoTo63);
}

// True if a span of the trace `trace_id` is recorded. `parent` is null or not valid for a root span; a
// parent-based sampler follows the parent's sampled flag, remote or not. The ratio looks at the last 8 bytes
// of the trace id, as the Go SDK does, so that both keep the same traces.
// Not for a sampler with a rate.
bool decide(const Sampler& sampler, const SpanContext* parent, const TraceId& trace_id);

// The same for any sampler. One with a rate asks `limiter`, which all threads of a process share; `now()`
// tells the time, and is called only then.
template <typename Now>
bool decide(const Sampler& sampler, const SpanContext* parent, const TraceId& trace_id, RateLimiter& limiter,
            Now&& now) {
  if (!sampler.has_rate()) return decide(sampler, parent, trace_id);
  if (sampler.follows_parent() && parent != nullptr && parent->valid()) return parent->sampled();
  return limiter.allow(now(), sampler.argument);
}

}  // namespace waybill::context
