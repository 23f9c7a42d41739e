#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace waybill::bench {

std::uint64_t now_ns();

struct Allocations {
  std::uint64_t of_all = 0;  // threads
  std::uint64_t of_this_thread = 0;
};
// Up to now. Only in bench-allocations.
Allocations allocations_so_far() __attribute__((weak));

// What this process has used up to now.
struct Usage {
  std::uint64_t wall_ns = 0;
  Allocations allocations;
  std::uint64_t cpu_ns = 0;  // of all threads but the mock cluster's
  static Usage now();
};

// What this process holds now.
struct Footprint {
  std::uint64_t rss_kib = 0;
  std::uint64_t threads = 0;
  std::uint64_t files = 0;
  static Footprint now();
};

// Counts of durations, exact to 1/16 of their value. Owned by one thread.
class Histogram {
 public:
  void add(std::uint64_t ns);
  // The duration that this part of all is not above.
  std::uint64_t quantile(double part) const;

 private:
  static constexpr unsigned kParts = 16;
  std::array<std::uint64_t, 64 * kParts> counts_{};
  std::uint64_t total_ = 0;
};

}  // namespace waybill::bench
