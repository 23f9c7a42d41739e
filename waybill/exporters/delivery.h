#pragma once

#include <cstdint>
#include <string>

namespace waybill::exporters {

// What became of spans, or of points of metrics, that were sent together. A value.
struct Delivery {
  // kRejected: a "no" that another try would not change. kUnreachable: no answer, or one that says "later",
  // until the time-out. kStopped: stop() came before the answer.
  enum class Outcome { kTaken, kRejected, kUnreachable, kStopped };

  Outcome outcome = Outcome::kTaken;
  std::uint64_t rejected_items = 0;  // of those that were taken in part
  std::string reason;                // for a person; empty when all was taken
  std::uint64_t retries = 0;
};

}  // namespace waybill::exporters
