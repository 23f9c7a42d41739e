#include "waybill/collect/adaptive_ratio.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <vector>

namespace waybill::collect {
namespace {

constexpr double kShortestNs = 1'000'000;  // a program that has hardly run says nothing
constexpr double kMostUp = 2;              // in one step: what came before may have been a pause
constexpr double kMostDown = 0.25;
constexpr double kWorthAChange = 0.03;

}  // namespace

void AdaptiveRatio::update(const Costs& costs, double budget) {
  if (costs.program_ns < kShortestNs) return;
  costs_of_all_[seen_++ % kRemembered] = costs.tracing_ns / costs.program_ns / ratio_;
  const std::size_t known = std::min(seen_, kRemembered);
  std::vector<double> costs_seen{costs_of_all_.begin(),
                                 std::next(costs_of_all_.begin(), static_cast<std::ptrdiff_t>(known))};
  const auto middle = std::next(costs_seen.begin(), static_cast<std::ptrdiff_t>(known / 2));
  std::nth_element(costs_seen.begin(), middle, costs_seen.end());
  const double cost_of_all = *middle;
  beyond_ = ratio_ == kLeast && cost_of_all * kLeast > budget ? cost_of_all * kLeast : 0;
  const double wanted = cost_of_all * ratio_ > 0 ? budget / cost_of_all : 1;
  const double next = std::clamp(std::clamp(wanted, ratio_ * kMostDown, ratio_ * kMostUp), kLeast, 1.0);
  const bool is_at_an_end = next == 1 || next == kLeast;
  if (is_at_an_end || std::abs(next / ratio_ - 1) > kWorthAChange) ratio_ = next;
}

}  // namespace waybill::collect
