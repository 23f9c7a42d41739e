#include "waybill/context/rate_limiter.h"

#include "waybill/base/shared_word.h"

namespace waybill::context {
namespace {

constexpr std::uint64_t kSecondNs = 1'000'000'000;

}  // namespace

bool RateLimiter::allow(std::uint64_t now_ns, std::uint64_t interval_ns) {
  if (interval_ns == kNever) return false;
  // A rate below one in a second has a bucket for one.
  const std::uint64_t depth_ns = interval_ns > kSecondNs ? interval_ns : kSecondNs;
  auto full_again = base::shared(full_again_ns_);
  std::uint64_t known_ns = full_again.load(std::memory_order_relaxed);
  for (;;) {
    const std::uint64_t next_ns = (known_ns > now_ns ? known_ns : now_ns) + interval_ns;
    if (next_ns - now_ns > depth_ns) return false;
    if (full_again.compare_exchange_weak(known_ns, next_ns, std::memory_order_relaxed)) return true;
  }
}

std::uint64_t interval_of(double per_second) {
  constexpr double kMost = 9.2e18;  // nanoseconds that a number of 63 bits holds
  if (!(per_second > 0)) return kNever;
  const double interval_ns = static_cast<double>(kSecondNs) / per_second;
  if (interval_ns >= kMost) return kNever;
  return interval_ns < 1 ? 1 : static_cast<std::uint64_t>(interval_ns);
}

}  // namespace waybill::context
