#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace waybill::evidence {

// Where a record is in the log, as far as that is known.
struct Place {
  std::string topic = {};       // empty: not known
  std::int32_t partition = -1;  // -1: not known
  std::int64_t offset = -1;     // -1: not known

  bool is_exact() const { return !topic.empty() && partition >= 0 && offset >= 0; }
  friend auto operator<=>(const Place&, const Place&) = default;
};

}  // namespace waybill::evidence
