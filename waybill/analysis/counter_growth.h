#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "waybill/evidence/metric_point.h"

namespace waybill::analysis {

// What counters of one kind grew by, in each part of a window.
struct CounterGrowth {
  std::vector<double> steps;        // as many as were asked for
  bool is_known = false;            // false: no point says anything about the window
  std::int64_t known_until_ns = 0;  // the newest point in the window: what came later is not told yet
  double total() const;
};

struct GrowthWindow {
  std::int64_t from_ns = 0;
  std::int64_t to_ns = 0;
  std::size_t steps = 1;
};

// Adds up all series of these points: sums and histograms (which count), cumulative or differences. `points`
// stand series by series in the order of time, as the store gives them; those of the last minutes before the
// window say where it begins. What grew between two points is spread over the time between them. A cumulative
// counter that begins anew (another start time, or a smaller value) begins at 0 (OTLP metrics data model,
// "Resets and Gaps"). Gauges are ignored. Pure.
CounterGrowth growth_of(std::span<const evidence::MetricPoint> points, const GrowthWindow& window);

}  // namespace waybill::analysis
