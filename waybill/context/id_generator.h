#pragma once

#include <cstdint>

#include "waybill/context/span_context.h"

namespace waybill::context {

// Random trace and span ids: xoshiro256** (Blackman and Vigna), seeded by the caller from the kernel. Not for
// secrets. Owned by one thread. All zero is "not seeded", so that it can live in thread-local storage without
// a constructor.
class IdGenerator {
 public:
  void seed(std::uint64_t first, std::uint64_t second);
  bool seeded() const { return (state_[0] | state_[1] | state_[2] | state_[3]) != 0; }

  // Never a zero id.
  TraceId next_trace_id();
  SpanId next_span_id();

 private:
  std::uint64_t next();

  std::uint64_t state_[4] = {};
};

}  // namespace waybill::context
