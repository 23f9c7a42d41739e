#pragma once

#include <cstdint>

namespace waybill::context {

// Lets so many through in a second, evenly, and after a pause a second's worth at once: a token bucket kept
// as the time at which it will be full again (GCRA). One word, so that any number of threads may ask without
// a lock. Constant-initialised.
class RateLimiter {
 public:
  // `now_ns` is any clock that does not go back; `interval_ns` is a second divided by how many may pass in
  // it, never 0.
  bool allow(std::uint64_t now_ns, std::uint64_t interval_ns);

 private:
  std::uint64_t full_again_ns_ = 0;
};

// The interval for so many in a second. No rate at all, or none that a number can say: kNever.
inline constexpr std::uint64_t kNever = UINT64_MAX;
std::uint64_t interval_of(double per_second);

}  // namespace waybill::context
