#pragma once

#include <array>
#include <cstddef>

namespace waybill::collect {

// The share of traces that the sampler `adaptive` keeps: as large as the budget for the cost of tracing
// allows. It is asked about once a second, and then sees what the second cost.
class AdaptiveRatio {
 public:
  static constexpr double kLeast = 0.001;

  struct Costs {
    double tracing_ns = 0;  // processor time
    double program_ns = 0;  // processor time of the whole program
  };

  // `budget`: the part of the program's processor time that tracing may take, above 0.
  void update(const Costs& costs, double budget);

  // From kLeast to 1; at first 1.
  double ratio() const { return ratio_; }

  // Nonzero: tracing takes that part of the program's time, more than the budget, and no fewer traces can be
  // kept.
  double cost_beyond_budget() const { return beyond_; }

 private:
  // The median of so many seconds: a single one says little, because hooks are measured by samples, and one
  // that was interrupted by another thread looks long.
  static constexpr std::size_t kRemembered = 7;

  std::array<double, kRemembered> costs_of_all_{};  // what it would have cost to keep everything
  std::size_t seen_ = 0;
  double ratio_ = 1;
  double beyond_ = 0;
};

}  // namespace waybill::collect
