#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace waybill::exporters {

// When something has to be over.
using Deadline = std::chrono::steady_clock::time_point;

// What became of spans, or of points of metrics, that were sent together. A value.
struct Delivery {
  // kRejected: a "no" that another try would not change. kUnreachable: no answer, or one that says "later",
  // until the time-out. kStopped: stop() came before the answer.
  enum class Outcome { kTaken, kRejected, kUnreachable, kStopped };

  Outcome outcome = Outcome::kTaken;
  std::uint64_t rejected_items = 0;  // of those that were taken in part, or met different ends
  std::string reason;                // for a person; empty when all was taken
  std::uint64_t retries = 0;
  std::optional<std::chrono::milliseconds> retry_after = {};  // how long a receiver that says "later" means
  std::uint64_t unreachable_items = 0;                        // as rejected_items
};

}  // namespace waybill::exporters
