#pragma once

#include <sys/resource.h>

#include <cstdint>

namespace waybill::base {

// A program whose memory is limited (ulimit -v, ulimit -d) counts on what it was given: no mapping of ours
// takes more than an eighth of that.
inline bool may_map(std::uint64_t size) {
  constexpr std::uint64_t kShare = 8;
  for (const auto resource : {RLIMIT_AS, RLIMIT_DATA}) {
    rlimit limit{};
    const bool limited = getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
    if (limited && size > limit.rlim_cur / kShare) return false;
  }
  return true;
}

}  // namespace waybill::base
