#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace waybill::analysis {

// One look at how far a group is behind in a partition.
struct LagSample {
  std::int64_t time_ns = 0;
  double lag = 0;
  std::optional<double> lag_time_ms = {};
  bool is_lower_bound = false;
};

struct PartitionHistory {
  std::int32_t partition = -1;
  std::vector<LagSample> samples;           // in the order of time
  std::optional<std::int64_t> next_offset;  // of the message that waits first
  std::optional<double> arriving_per_s;
};

// What is known of a group in a topic in a window of time.
struct GroupHistory {
  std::string group;
  std::string topic;
  std::vector<PartitionHistory> partitions;
  std::optional<double> arriving_per_s;              // messages that were sent to the topic
  std::optional<double> processing_per_s;            // messages that the group got of it
  std::optional<double> processing_ms;               // mean of one message
  std::optional<std::uint32_t> consumers;            // members that got something; none: not known
  std::optional<std::uint32_t> partitions_of_topic;  // none: those with a history
  std::optional<std::int64_t> last_consumed_ns;
  std::optional<std::int64_t> last_rebalance_ns;  // when partitions were last seen to change hands
  std::vector<std::string> services;
};

enum class LagState : std::uint8_t {
  kUnknown = 0,
  kUpToDate,       // nothing waits
  kIdle,           // nothing waits, and nothing came
  kKeepingUp,      // something waits, never long, and it does not grow
  kCatchingUp,     // what waits becomes less
  kFallingBehind,  // what waits becomes more
  kSlow,           // what waits does neither, but it waits long
  kStopped,        // something waits, and nothing is got
  kRebalancing,    // nothing is got, because partitions change hands
};

// "falling_behind", as the server answers it.
std::string_view name_of(LagState state);

struct PartitionReport {
  std::int32_t partition = -1;
  double lag = 0;
  std::optional<double> lag_time_ms;
  bool is_lower_bound = false;
  std::optional<double> trend_per_s;
  std::optional<std::int64_t> next_offset;
  std::vector<std::optional<double>> series;  // one for each step
};

struct GroupReport {
  std::string group;
  std::string topic;
  LagState state = LagState::kUnknown;
  std::string text;
  std::string advice;  // empty: none
  double lag = 0;
  std::optional<double> lag_time_ms;  // of the partition that is furthest behind
  bool is_lower_bound = false;
  std::optional<double> trend_per_s;  // messages a second; above zero: more wait
  std::optional<double> arriving_per_s;
  std::optional<double> processing_per_s;
  std::optional<double> catch_up_s;  // none: it does not catch up, or is not known to
  std::uint32_t busy_partitions = 0;
  std::vector<std::string> services;
  std::vector<std::optional<double>> lag_series;          // one for each step, all partitions together
  std::vector<std::optional<double>> lag_time_ms_series;  // … the longest
  std::vector<PartitionReport> partitions;                // sorted by number
};

// A message that waits longer waits long.
inline constexpr double kLongWaitMs = 60'000;

struct LagWindow {
  std::int64_t from_ns = 0;
  std::int64_t to_ns = 0;
  std::uint32_t steps = 60;  // how many values a series has; bounded to 1,000
};

// How far a group is behind, whether that grows, and what would help. Samples outside the window are ignored.
// A number that is a lower bound is never the ground for "up to date". Pure: `window.to_ns` is now.
GroupReport report_lag(const GroupHistory& history, const LagWindow& window);

struct TrendPoint {
  double seconds = 0;
  double value = 0;
};

// The median of the slopes between all pairs of points: a few wild samples do not bend it. None for less
// than three points, or without time between them. Looks at no more than 64 points, evenly taken.
std::optional<double> robust_slope(const std::vector<TrendPoint>& points);

}  // namespace waybill::analysis
