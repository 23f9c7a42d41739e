#pragma once

#include <cstdint>
#include <map>
#include <span>

#include "waybill/lag/topic_partition.h"

namespace waybill::lag {

// What one consumer in one host knows of one partition that it has, or had. A plain value: the collecting
// side makes it of what the host published. Times are nanoseconds of CLOCK_MONOTONIC.
struct HostPartition {
  GroupPartition of;
  std::int64_t position = kNoOffset;        // behind the last record that the application got
  std::int64_t cached_log_end = kNoOffset;  // up to where the client knows of messages for sure
  std::uint64_t log_end_read_ns = 0;        // when that was
  std::uint64_t assigned_ns = 0;            // since when the client has the partition
  std::uint64_t last_poll_ns = 0;           // of the client, whatever it returned
  std::uint64_t max_poll_interval_ns = 300'000'000'000;
  bool read_committed = true;  // isolation.level, which is so by default in librdkafka
  bool revoked = false;        // or the client is closed
};

// Whether this consumer still speaks for its partition. One that has not polled for max.poll.interval.ms has
// lost it, though it may not know.
inline bool is_owner(const HostPartition& host, std::uint64_t now_ns) {
  const bool polls = now_ns < host.last_poll_ns || now_ns - host.last_poll_ns < host.max_poll_interval_ns;
  return !host.revoked && polls;
}

// Who has each partition: after a rebalance several clients of a group may name it, and the one that got it
// last has it. `hosts` outlive the result.
inline std::map<GroupPartition, const HostPartition*> newest_owners(std::span<const HostPartition> hosts) {
  std::map<GroupPartition, const HostPartition*> owners;
  for (const HostPartition& host : hosts) {
    const HostPartition*& owner = owners[host.of];
    if (owner == nullptr || owner->assigned_ns <= host.assigned_ns) owner = &host;
  }
  return owners;
}

}  // namespace waybill::lag
