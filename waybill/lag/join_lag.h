#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "waybill/lag/host_partition.h"
#include "waybill/lag/lag_answer.h"

namespace waybill::lag {

// What is told of one group and partition.
struct LagPoint {
  GroupPartition of;
  std::uint64_t messages = 0;
  std::optional<double> seconds = {};        // none: not known
  std::optional<double> watermark_age = {};  // seconds; set: `messages` and `seconds` are lower bounds
  std::uint64_t uncounted = 0;               // see GroupLag, as the next
  std::uint64_t offsets_gone = 0;
  std::uint64_t time_unix_ns = 0;  // when it was so
};

struct JoinMoment {
  std::uint64_t now_ns = 0;
  std::uint64_t now_unix_ns = 0;
  std::chrono::nanoseconds oldest_answer{30'000'000'000};  // an older one counts for nothing
};

// Lays what the hosts know of one cluster beside what its broker says: the broker's answer where there is
// one, else a bound that is not above the truth, else nothing. `answer` may be null. Pure. The points are
// sorted by `of`, which stands once.
std::vector<LagPoint> join_lag(std::span<const HostPartition> hosts, const LagAnswer* answer,
                               const JoinMoment& moment);

}  // namespace waybill::lag
