#include "waybill/analysis/internal/lag_series.h"

#include <algorithm>

namespace waybill::analysis {
namespace {

constexpr std::uint32_t kMostSteps = 1'000;
constexpr std::size_t kStepsKept = 2;

using Series = std::vector<std::optional<double>>;

std::size_t steps_of(const LagWindow& window) { return std::clamp(window.steps, 1U, kMostSteps); }

double step_ns(const LagWindow& window) {
  return static_cast<double>(std::max<std::int64_t>(window.to_ns - window.from_ns, 1)) /
         static_cast<double>(steps_of(window));
}

std::size_t step_of(std::int64_t time_ns, const LagWindow& window) {
  const auto step = static_cast<std::size_t>(static_cast<double>(time_ns - window.from_ns) / step_ns(window));
  return std::min(step, steps_of(window) - 1);
}

template <typename Value>
Series series_of(const std::vector<LagSample>& samples, const LagWindow& window, Value value) {
  Series series(steps_of(window));
  for (const LagSample& sample : samples) {
    const std::optional<double> seen = value(sample);
    if (seen) series[step_of(sample.time_ns, window)] = seen;
  }
  return series;
}

void keep_for_some_steps(Series& series) {
  std::size_t since = kStepsKept + 1;
  std::optional<double> last;
  for (auto& value : series) {
    if (value) {
      last = value;
      since = 0;
    } else if (++since <= kStepsKept) {
      value = last;
    }
  }
}

template <typename Value, typename Join>
Series join_partitions(const GroupHistory& history, const LagWindow& window, Value value, Join join) {
  Series joined(steps_of(window));
  for (const PartitionHistory& partition : history.partitions) {
    Series series = series_of(samples_within(partition.samples, window), window, value);
    keep_for_some_steps(series);
    for (std::size_t step = 0; step < series.size(); ++step) {
      if (series[step]) joined[step] = joined[step] ? join(*joined[step], *series[step]) : *series[step];
    }
  }
  return joined;
}

std::optional<double> lag_of(const LagSample& sample) { return sample.lag; }

}  // namespace

std::vector<LagSample> samples_within(const std::vector<LagSample>& samples, const LagWindow& window) {
  std::vector<LagSample> within;
  for (const LagSample& sample : samples) {
    if (sample.time_ns >= window.from_ns && sample.time_ns <= window.to_ns) within.push_back(sample);
  }
  return within;
}

Series lag_series(const std::vector<LagSample>& samples, const LagWindow& window) {
  return series_of(samples, window, lag_of);
}

Series sum_series(const GroupHistory& history, const LagWindow& window) {
  return join_partitions(history, window, lag_of, [](double left, double right) { return left + right; });
}

Series longest_series(const GroupHistory& history, const LagWindow& window) {
  return join_partitions(
      history, window, [](const LagSample& sample) { return sample.lag_time_ms; },
      [](double left, double right) { return std::max(left, right); });
}

std::vector<TrendPoint> trend_points(const std::vector<LagSample>& samples) {
  std::vector<TrendPoint> points;
  points.reserve(samples.size());
  for (const LagSample& sample : samples) {
    points.push_back({.seconds = static_cast<double>(sample.time_ns - samples.front().time_ns) / 1e9,
                      .value = sample.lag});
  }
  return points;
}

std::vector<TrendPoint> trend_points(const Series& series, const LagWindow& window) {
  std::vector<TrendPoint> points;
  for (std::size_t step = 0; step < series.size(); ++step) {
    if (series[step])
      points.push_back(
          {.seconds = static_cast<double>(step) * step_ns(window) / 1e9, .value = *series[step]});
  }
  return points;
}

}  // namespace waybill::analysis
