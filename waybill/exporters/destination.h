#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "waybill/telemetry/span.h"

namespace waybill::exporters {

using Batches = std::span<const std::shared_ptr<const telemetry::SpanBatch>>;

// What became of spans that were delivered together.
struct Delivery {
  // kRejected: a "no" that another try would not change. kUnreachable: no answer, or one that says "later",
  // until the time-out. kStopped: stop() came before the answer.
  enum class Outcome { kTaken, kRejected, kUnreachable, kStopped };

  Outcome outcome = Outcome::kTaken;
  std::uint64_t rejected_spans = 0;  // of those that were taken in part
  std::string reason;                // for a person; empty when all was taken
  std::uint64_t retries = 0;
};

// One place that spans go to: a receiver, or a file. Owned by the thread that delivers; only stop() may come
// from another.
class Destination {
 public:
  virtual ~Destination() = default;

  // What messages call it. Without secrets.
  virtual const std::string& name() const = 0;

  // Waits until the spans are there, or given up; both within a bounded time.
  virtual Delivery deliver(Batches batches) = 0;

  // Lets a running deliver() return at once, and every later one.
  virtual void stop() = 0;
};

}  // namespace waybill::exporters
