#include "waybill/analysis/lag_report.h"

#include <algorithm>
#include <cmath>

#include "waybill/analysis/internal/lag_advice.h"
#include "waybill/analysis/internal/lag_series.h"

namespace waybill::analysis {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr std::int64_t kStoppedAfterNs = 60'000 * kNsPerMs;
constexpr std::int64_t kRebalanceTakesNs = 60'000 * kNsPerMs;
// A partition is busy if so large a part of what waits is in it.
constexpr double kBusyShare = 0.05;
// A trend counts if the lag changes by a tenth in the window.
constexpr double kLeastChange = 0.1;

PartitionReport report_partition(const PartitionHistory& history, const LagWindow& window) {
  const std::vector<LagSample> samples = samples_within(history.samples, window);
  PartitionReport report{.partition = history.partition,
                         .lag = 0,
                         .lag_time_ms = std::nullopt,
                         .is_lower_bound = false,
                         .trend_per_s = robust_slope(trend_points(samples)),
                         .next_offset = history.next_offset,
                         .series = lag_series(samples, window)};
  if (samples.empty()) return report;
  report.lag = samples.back().lag;
  report.lag_time_ms = samples.back().lag_time_ms;
  report.is_lower_bound = samples.back().is_lower_bound;
  return report;
}

// Partitions together; of the time, that of the one that is furthest behind.
void sum_up(const GroupHistory& history, const LagWindow& window, GroupReport& report) {
  for (const PartitionReport& partition : report.partitions) {
    report.lag += partition.lag;
    report.is_lower_bound |= partition.is_lower_bound;
    if (!partition.lag_time_ms) continue;
    report.lag_time_ms = std::max(report.lag_time_ms.value_or(0), *partition.lag_time_ms);
  }
  for (const PartitionReport& partition : report.partitions) {
    report.busy_partitions += partition.lag > 0 && partition.lag >= kBusyShare * report.lag ? 1U : 0U;
  }
  report.lag_series = sum_series(history, window);
  report.lag_time_ms_series = longest_series(history, window);
  report.trend_per_s = robust_slope(trend_points(report.lag_series, window));
}

std::optional<double> sum_of_arrivals(const GroupHistory& history) {
  std::optional<double> sum;
  for (const PartitionHistory& partition : history.partitions) {
    if (partition.arriving_per_s) sum = sum.value_or(0) + *partition.arriving_per_s;
  }
  return sum;
}

// What arrives is what is processed and what comes to wait besides; so two of the three tell the third.
void find_rates(const GroupHistory& history, GroupReport& report) {
  report.arriving_per_s = history.arriving_per_s ? history.arriving_per_s : sum_of_arrivals(history);
  report.processing_per_s = history.processing_per_s;
  if (!report.trend_per_s) return;
  if (!report.arriving_per_s && report.processing_per_s) {
    report.arriving_per_s = std::max(0.0, *report.processing_per_s + *report.trend_per_s);
  } else if (report.arriving_per_s && !report.processing_per_s) {
    report.processing_per_s = std::max(0.0, *report.arriving_per_s - *report.trend_per_s);
  }
}

// ── The state ──

bool has_samples(const GroupReport& report) {
  return std::any_of(report.lag_series.begin(), report.lag_series.end(),
                     [](const auto& value) { return value.has_value(); });
}

bool is_above_zero(const std::optional<double>& rate) { return rate && *rate > 0; }

LagState state_without_lag(const GroupReport& report) {
  if (report.is_lower_bound)
    return is_above_zero(report.processing_per_s) ? LagState::kKeepingUp : LagState::kUnknown;
  const bool nothing_came =
      report.arriving_per_s && *report.arriving_per_s <= 0 && !is_above_zero(report.processing_per_s);
  return nothing_came ? LagState::kIdle : LagState::kUpToDate;
}

bool is_rebalancing(const GroupHistory& history, const LagWindow& window) {
  if (!history.last_rebalance_ns) return false;
  const std::int64_t since_ns = window.to_ns - *history.last_rebalance_ns;
  if (since_ns < 0 || since_ns > kRebalanceTakesNs) return false;  // after the window, or long over
  return !history.last_consumed_ns || *history.last_consumed_ns < *history.last_rebalance_ns;
}

bool is_stopped(const GroupHistory& history, const LagWindow& window) {
  if (history.last_consumed_ns) return window.to_ns - *history.last_consumed_ns > kStoppedAfterNs;
  return history.processing_per_s && *history.processing_per_s <= 0;
}

// Messages a second that count as more or less, and not as noise; above zero: more.
double steady_trend(const GroupReport& report, const LagWindow& window) {
  if (!report.trend_per_s) return 0;
  double most = 0;
  for (const auto& lag : report.lag_series) most = std::max(most, lag.value_or(0));
  const double change =
      std::abs(*report.trend_per_s) * static_cast<double>(window.to_ns - window.from_ns) / 1e9;
  return change >= std::max(1.0, kLeastChange * most) ? *report.trend_per_s : 0;
}

LagState find_state(const GroupHistory& history, const LagWindow& window, const GroupReport& report) {
  if (!has_samples(report)) return LagState::kUnknown;
  if (report.lag <= 0) return state_without_lag(report);
  if (is_rebalancing(history, window)) return LagState::kRebalancing;
  if (is_stopped(history, window)) return LagState::kStopped;
  const double trend = steady_trend(report, window);
  if (trend < 0) return LagState::kCatchingUp;
  if (trend > 0) return LagState::kFallingBehind;
  return report.lag_time_ms.value_or(0) > kLongWaitMs ? LagState::kSlow : LagState::kKeepingUp;
}

}  // namespace

GroupReport report_lag(const GroupHistory& history, const LagWindow& window) {
  GroupReport report;
  report.group = history.group;
  report.topic = history.topic;
  report.services = history.services;
  for (const PartitionHistory& partition : history.partitions) {
    report.partitions.push_back(report_partition(partition, window));
  }
  std::sort(report.partitions.begin(), report.partitions.end(),
            [](const auto& left, const auto& right) { return left.partition < right.partition; });
  sum_up(history, window, report);
  find_rates(history, report);
  report.state = find_state(history, window, report);
  if (report.state == LagState::kCatchingUp) report.catch_up_s = report.lag / -*report.trend_per_s;
  report.text = describe_lag(history, window, report);
  report.advice = advise(history, report);
  return report;
}

std::optional<double> robust_slope(const std::vector<TrendPoint>& points) {
  constexpr std::size_t kMostPoints = 64;
  std::vector<TrendPoint> taken;
  const std::size_t count = std::min(points.size(), kMostPoints);
  taken.reserve(count);
  for (std::size_t next = 0; next < count; ++next) taken.push_back(points[next * points.size() / count]);
  if (taken.size() < 3) return std::nullopt;
  std::vector<double> slopes;
  for (std::size_t left = 0; left < taken.size(); ++left) {
    for (std::size_t right = left + 1; right < taken.size(); ++right) {
      const double seconds = taken[right].seconds - taken[left].seconds;
      if (seconds > 0) slopes.push_back((taken[right].value - taken[left].value) / seconds);
    }
  }
  if (slopes.empty()) return std::nullopt;
  const auto middle = slopes.begin() + static_cast<std::ptrdiff_t>(slopes.size() / 2);
  std::nth_element(slopes.begin(), middle, slopes.end());
  return *middle;
}

std::string_view name_of(LagState state) {
  switch (state) {
    case LagState::kUnknown:
      return "unknown";
    case LagState::kUpToDate:
      return "up_to_date";
    case LagState::kIdle:
      return "idle";
    case LagState::kKeepingUp:
      return "keeping_up";
    case LagState::kCatchingUp:
      return "catching_up";
    case LagState::kFallingBehind:
      return "falling_behind";
    case LagState::kSlow:
      return "slow";
    case LagState::kStopped:
      return "stopped";
    case LagState::kRebalancing:
      return "rebalancing";
  }
  return "unknown";
}

}  // namespace waybill::analysis
