#include "waybill/analysis/internal/lag_advice.h"

#include <algorithm>
#include <cmath>

#include "waybill/analysis/internal/quantity_text.h"

namespace waybill::analysis {
namespace {

std::string what_waits(const GroupReport& report) {
  std::string text = (report.is_lower_bound ? "at least " : "") + messages_text(report.lag);
  text += count_text(report.lag) == "1" ? " waits" : " wait";
  if (report.lag_time_ms) text += ", the oldest for " + duration_text(*report.lag_time_ms);
  return text;
}

std::uint32_t partitions_of(const GroupHistory& history) {
  const auto known = static_cast<std::uint32_t>(history.partitions.size());
  return std::max(history.partitions_of_topic.value_or(known), known);
}

std::string how_slow(const GroupHistory& history) {
  return history.processing_ms ? "; the processing of one takes " + duration_text(*history.processing_ms)
                               : "";
}

std::string since_when(const GroupHistory& history, const LagWindow& window) {
  if (!history.last_consumed_ns) return "";
  return " for " + duration_text(static_cast<double>(window.to_ns - *history.last_consumed_ns) / 1e6);
}

// "2 of 4 partitions busy; processing 120/s, arriving 180/s: "
std::string capacity_text(const GroupHistory& history, const GroupReport& report) {
  return count_text(report.busy_partitions) + " of " + count_text(partitions_of(history)) +
         " partitions busy; processing " + rate_text(*report.processing_per_s) + ", arriving " +
         rate_text(*report.arriving_per_s) + ": ";
}

std::string more_consumers(int more) {
  return "needs " + small_number_text(more) + " more " + (more == 1 ? "consumer" : "consumers");
}

// Each consumer gets as much as the others do now, and a partition has one consumer.
std::string advise_on_capacity(const GroupHistory& history, const GroupReport& report) {
  const auto consumers = static_cast<int>(std::max(history.consumers.value_or(report.busy_partitions), 1U));
  const auto partitions = static_cast<int>(partitions_of(history));
  const double needed_exactly = *report.arriving_per_s / (*report.processing_per_s / consumers);
  const int needed = static_cast<int>(std::ceil(std::min(needed_exactly, 1e6)));
  const std::string capacity = capacity_text(history, report);
  const bool is_uneven = static_cast<int>(report.busy_partitions) * 2 <= consumers;
  if (is_uneven) return capacity + "more consumers would not help, the keys are spread unevenly";
  if (needed <= consumers) return "";
  if (needed <= partitions) return capacity + more_consumers(needed - consumers);
  const std::string faster = "messages must be processed faster, or the topic needs more partitions";
  if (consumers >= partitions) return capacity + "each partition has its consumer, so " + faster;
  return capacity + more_consumers(partitions - consumers) + ", and that is not enough: " + faster;
}

}  // namespace

std::string describe_lag(const GroupHistory& history, const LagWindow& window, const GroupReport& report) {
  const std::string who = report.group + " in " + report.topic;
  switch (report.state) {
    case LagState::kUnknown:
      return "How far " + who + " is behind is not known.";
    case LagState::kUpToDate:
      return who + " has read everything.";
    case LagState::kIdle:
      return who + " has read everything, and nothing comes.";
    case LagState::kKeepingUp:
      return who + " keeps up: " + what_waits(report) + ".";
    case LagState::kCatchingUp:
      return who + " catches up: " + what_waits(report) + "; done in " +
             duration_text(*report.catch_up_s * 1'000) + ".";
    case LagState::kFallingBehind:
      return who + " falls behind by " + rate_text(*report.trend_per_s) + ": " + what_waits(report) +
             how_slow(history) + ".";
    case LagState::kSlow:
      return who + " is slow: " + what_waits(report) + how_slow(history) + ".";
    case LagState::kStopped:
      return who + " has got nothing" + since_when(history, window) + ": " + what_waits(report) + ".";
    case LagState::kRebalancing:
      return "The partitions of " + who + " change hands: " + what_waits(report) + ".";
  }
  return "";
}

std::string advise(const GroupHistory& history, const GroupReport& report) {
  if (report.state == LagState::kStopped) {
    return "see whether a member runs, and what it does: the first message that waits may be the one it "
           "fails with";
  }
  const bool is_behind = report.state == LagState::kFallingBehind || report.state == LagState::kSlow;
  const bool has_rates = report.arriving_per_s && report.processing_per_s && *report.processing_per_s > 0;
  return is_behind && has_rates ? advise_on_capacity(history, report) : "";
}

}  // namespace waybill::analysis
