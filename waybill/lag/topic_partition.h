#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace waybill::lag {

struct TopicPartition {
  std::string topic;
  std::int32_t partition = 0;
  friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
};

// What lag is told of: a group reads each partition at one place.
struct GroupPartition {
  std::string group;
  TopicPartition at;
  friend auto operator<=>(const GroupPartition&, const GroupPartition&) = default;
};

// Stands where there is no offset.
inline constexpr std::int64_t kNoOffset = -1;

}  // namespace waybill::lag
