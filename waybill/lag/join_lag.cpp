#include "waybill/lag/join_lag.h"

#include <algorithm>
#include <map>

namespace waybill::lag {
namespace {

double seconds_between(std::uint64_t earlier_ns, std::uint64_t later_ns) {
  return later_ns <= earlier_ns ? 0 : static_cast<double>(later_ns - earlier_ns) / 1e9;
}

std::optional<LagPoint> lower_bound_of(const HostPartition& host, const JoinMoment& moment) {
  const bool knows_both = host.position >= 0 && host.cached_log_end >= 0;
  if (!knows_both || !is_owner(host, moment.now_ns)) return std::nullopt;
  LagPoint point{.of = host.of, .time_unix_ns = moment.now_unix_ns};
  point.watermark_age = seconds_between(host.log_end_read_ns, moment.now_ns);
  point.seconds = 0;
  if (host.cached_log_end <= host.position) return point;
  point.messages = static_cast<std::uint64_t>(host.cached_log_end - host.position);
  // The next message was there already when the log end was read.
  point.seconds = point.watermark_age;
  return point;
}

LagPoint as_answered(const GroupLag& lag, const LagAnswer& answer) {
  return {.of = lag.of,
          .messages = lag.messages,
          .seconds = lag.seconds,
          .watermark_age = std::nullopt,
          .uncounted = lag.uncounted,
          .offsets_gone = lag.offsets_gone,
          .time_unix_ns = answer.measured_unix_ns};
}

bool counts(const LagAnswer* answer, const JoinMoment& moment) {
  if (answer == nullptr) return false;
  const auto oldest = static_cast<std::uint64_t>(moment.oldest_answer.count());
  return moment.now_ns <= answer->measured_ns || moment.now_ns - answer->measured_ns <= oldest;
}

}  // namespace

std::vector<LagPoint> join_lag(std::span<const HostPartition> hosts, const LagAnswer* answer,
                               const JoinMoment& moment) {
  std::map<GroupPartition, LagPoint> points;
  if (counts(answer, moment)) {
    for (const GroupLag& lag : answer->lags) points.emplace(lag.of, as_answered(lag, *answer));
  }
  for (const auto& [of, host] : newest_owners(hosts)) {
    if (points.contains(of)) continue;
    if (const auto point = lower_bound_of(*host, moment)) points.emplace(of, *point);
  }
  std::vector<LagPoint> result;
  result.reserve(points.size());
  for (auto& [of, point] : points) result.push_back(std::move(point));
  return result;
}

}  // namespace waybill::lag
