#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "waybill/lag/topic_partition.h"

namespace waybill::lag {

// How far a group is behind in a partition, as the broker says. Exact, if `uncounted` is 0; else the truth
// lies between `messages - uncounted` and `messages`.
struct GroupLag {
  GroupPartition of;
  std::int64_t position = kNoOffset;   // the next offset that the group will get
  std::int64_t committed = kNoOffset;  // what it would go on from after a restart
  std::int64_t log_end = kNoOffset;    // for read_committed: the last stable offset
  std::uint64_t messages = 0;
  std::uint64_t uncounted = 0;     // of those, offsets that may be no message: nobody has looked
  std::uint64_t offsets_gone = 0;  // before the start of the log: the group will never get them
  // The age of the oldest message that the group did not get. None: that message was not found.
  std::optional<double> seconds = {};
};

// One look at one cluster.
struct LagAnswer {
  std::uint64_t number = 0;  // rises with each answer
  std::uint64_t measured_ns = 0;
  std::uint64_t measured_unix_ns = 0;
  std::uint64_t groups_left_out = 0;      // beyond the bound, or not allowed
  std::uint64_t partitions_left_out = 0;  // … or without a leader
  std::vector<GroupLag> lags;             // sorted by `of`, which stands once
};

}  // namespace waybill::lag
