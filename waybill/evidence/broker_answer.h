#pragma once

#include <cstdint>
#include <string>

namespace waybill::evidence {

// What a broker said of a partition's log. Times are nanoseconds since 1970.
struct PartitionLog {
  std::string topic;
  std::int32_t partition = -1;
  std::int64_t start = -1;       // the first offset that can be read
  std::int64_t end = -1;         // behind the last one
  std::int64_t stable_end = -1;  // the last stable offset: behind it nobody reads committed
  std::int64_t asked_ns = 0;
};

// What a broker said that a group has committed in a partition.
struct CommittedOffset {
  std::string group;
  std::string topic;
  std::int32_t partition = -1;
  std::int64_t offset = -1;  // the next one to read; -1: nothing is committed
  std::int64_t asked_ns = 0;
};

// Whether a record can be read at its offset. A broker skips what was aborted, compacted or is no record.
enum class Presence : std::uint8_t {
  kNotAsked = 0,
  kReadable = 1,
  kAborted = 2,      // read_uncommitted sees it, read_committed does not
  kNotReadable = 3,  // between the log's start and its end, but nobody can read it
  kBeforeStart = 4,
  kBehindEnd = 5,
};

}  // namespace waybill::evidence
