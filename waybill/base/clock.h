#pragma once

#include <ctime>

#include <cstdint>

namespace waybill::base {

// Nanoseconds of any clock. Hooks read clocks: no call.
[[gnu::always_inline]] inline std::uint64_t time_of(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(now.tv_nsec);
}

// Nanoseconds of CLOCK_MONOTONIC: the time of every record. One clock for all processes of a machine, so the
// collecting side compares it with its own. Thread: any. No system call (vDSO).
inline std::uint64_t monotonic_ns() { return time_of(CLOCK_MONOTONIC); }

// The same clock as the kernel's last tick left it, some milliseconds behind: a tenth of the cost.
inline std::uint64_t coarse_monotonic_ns() { return time_of(CLOCK_MONOTONIC_COARSE); }

// Nanoseconds since the Unix epoch.
inline std::uint64_t realtime_ns() { return time_of(CLOCK_REALTIME); }

}  // namespace waybill::base
