#include "waybill/analysis/counter_growth.h"

#include <algorithm>
#include <numeric>

namespace waybill::analysis {
namespace {

using evidence::MetricKind;
using evidence::MetricPoint;

bool is_cumulative(const MetricPoint& point) {
  return point.series.kind == MetricKind::kCumulativeSum ||
         point.series.kind == MetricKind::kCumulativeHistogram;
}

double value_of(const MetricPoint& point) {
  const bool is_histogram = point.series.kind == MetricKind::kCumulativeHistogram ||
                            point.series.kind == MetricKind::kDeltaHistogram;
  return is_histogram ? static_cast<double>(point.count) : point.value;
}

// What was counted in a time.
struct Piece {
  std::int64_t from_ns = 0;
  std::int64_t to_ns = 0;
  double amount = 0;
};

// `before`: the point of the same series before it; null: none is known.
Piece piece_of(const MetricPoint& point, const MetricPoint* before) {
  const double value = value_of(point);
  if (!is_cumulative(point)) {
    const std::int64_t begin = point.start_ns != 0 ? point.start_ns
                               : before == nullptr ? point.time_ns
                                                   : before->time_ns;
    return {begin, point.time_ns, value};
  }
  const bool goes_on = before != nullptr && before->start_ns == point.start_ns && value_of(*before) <= value;
  if (goes_on) return {before->time_ns, point.time_ns, value - value_of(*before)};
  return {point.start_ns, point.time_ns, value};
}

class Steps {
 public:
  explicit Steps(const GrowthWindow& window) : window_{window} {
    growth_.steps.resize(std::max<std::size_t>(1, window.steps));
  }

  void add(const Piece& piece) {
    const std::int64_t from = std::max(piece.from_ns, window_.from_ns);
    const std::int64_t to = std::min(piece.to_ns, window_.to_ns);
    if (to < from || piece.to_ns < window_.from_ns || piece.from_ns > window_.to_ns) return;
    growth_.is_known = true;
    growth_.known_until_ns = std::max(growth_.known_until_ns, to);
    const double length = static_cast<double>(piece.to_ns - piece.from_ns);
    if (length <= 0) {
      growth_.steps[step_of(to)] += piece.amount;
      return;
    }
    for (std::size_t step = step_of(from); step <= step_of(to); ++step) {
      const std::int64_t begin = std::max(from, begin_of(step));
      const std::int64_t end = std::min(to, begin_of(step + 1));
      if (end > begin) growth_.steps[step] += piece.amount * static_cast<double>(end - begin) / length;
    }
  }

  CounterGrowth take() { return std::move(growth_); }

 private:
  std::int64_t begin_of(std::size_t step) const {
    const double share = static_cast<double>(step) / static_cast<double>(growth_.steps.size());
    return window_.from_ns +
           static_cast<std::int64_t>(share * static_cast<double>(window_.to_ns - window_.from_ns));
  }
  std::size_t step_of(std::int64_t time_ns) const {
    const double share = static_cast<double>(time_ns - window_.from_ns) /
                         static_cast<double>(std::max<std::int64_t>(1, window_.to_ns - window_.from_ns));
    return std::min(growth_.steps.size() - 1,
                    static_cast<std::size_t>(share * static_cast<double>(growth_.steps.size())));
  }

  GrowthWindow window_;
  CounterGrowth growth_;
};

}  // namespace

double CounterGrowth::total() const { return std::accumulate(steps.begin(), steps.end(), 0.0); }

CounterGrowth growth_of(std::span<const MetricPoint> points, const GrowthWindow& window) {
  Steps steps{window};
  const MetricPoint* before = nullptr;
  for (const MetricPoint& point : points) {
    if (point.series.kind == MetricKind::kGauge) continue;
    if (before != nullptr && before->series != point.series) before = nullptr;
    steps.add(piece_of(point, before));
    before = &point;
  }
  return steps.take();
}

}  // namespace waybill::analysis
