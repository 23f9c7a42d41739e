#include "waybill/context/sampler.h"

#include <endian.h>

#include <cstring>

namespace waybill::context {

bool within_ratio(const TraceId& trace_id, std::uint64_t threshold) {
  std::uint64_t low = 0;
  std::memcpy(&low, trace_id.bytes.data() + 8, sizeof low);
  return be64toh(low) >> 1U < threshold;
}

}  // namespace waybill::context
