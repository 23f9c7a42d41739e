#pragma once

#include <cstdint>

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
  };

  Kind kind = Kind::kParentBasedAlwaysOn;
  std::uint64_t ratio_threshold = 0;  // made by ratio_threshold(); read by the two ratio samplers
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
bool decide(const Sampler& sampler, const SpanContext* parent, const TraceId& trace_id);

}  // namespace waybill::context
