#pragma once

#include <memory>
#include <span>
#include <string>

#include "waybill/exporters/delivery.h"
#include "waybill/telemetry/span.h"

namespace waybill::exporters {

using Batches = std::span<const std::shared_ptr<const telemetry::SpanBatch>>;

// One place that spans go to: a receiver, or a file. Owned by the thread that delivers; only stop() may come
// from another.
class Destination {
 public:
  virtual ~Destination() = default;

  // What messages call it. Without secrets.
  virtual const std::string& name() const = 0;

  // Waits until the spans are there, or given up: by the deadline, or within a bounded time of its own.
  virtual Delivery deliver(Batches batches, Deadline deadline) = 0;

  // Lets a running deliver() return at once, and every later one.
  virtual void stop() = 0;
};

}  // namespace waybill::exporters
