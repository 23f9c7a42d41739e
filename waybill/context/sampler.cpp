#include "waybill/context/sampler.h"

#include <endian.h>

#include <cstring>

namespace waybill::context {
namespace {

bool within_ratio(const TraceId& trace_id, std::uint64_t threshold) {
  std::uint64_t low = 0;
  std::memcpy(&low, trace_id.bytes.data() + 8, sizeof low);
  return be64toh(low) >> 1U < threshold;
}

bool decide_root(Sampler::Kind kind, std::uint64_t threshold, const TraceId& trace_id) {
  switch (kind) {
    case Sampler::Kind::kAlwaysOn:
    case Sampler::Kind::kParentBasedAlwaysOn:
      return true;
    case Sampler::Kind::kAlwaysOff:
    case Sampler::Kind::kParentBasedAlwaysOff:
      return false;
    case Sampler::Kind::kTraceIdRatio:
    case Sampler::Kind::kParentBasedTraceIdRatio:
      return within_ratio(trace_id, threshold);
    case Sampler::Kind::kRateLimited:
    case Sampler::Kind::kParentBasedRateLimited:
      break;
  }
  return false;
}

}  // namespace

bool decide(const Sampler& sampler, const SpanContext* parent, const TraceId& trace_id) {
  if (sampler.follows_parent() && parent != nullptr && parent->valid()) return parent->sampled();
  return decide_root(sampler.kind, sampler.argument, trace_id);
}

}  // namespace waybill::context
