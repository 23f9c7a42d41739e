#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "waybill/telemetry/span.h"

namespace waybill::exporters {

// The books of one exporter, in spans: submitted == exported + the three drops + pending.
struct ExporterStatistics {
  std::uint64_t submitted = 0;
  std::uint64_t exported = 0;
  std::uint64_t pending = 0;
  std::uint64_t dropped_queue_full = 0;
  std::uint64_t dropped_rejected = 0;     // the receiver said no, to all of a request or to a part of it
  std::uint64_t dropped_unreachable = 0;  // no answer before the time-out, or before the end
  std::uint64_t retries = 0;

  std::uint64_t dropped() const { return dropped_queue_full + dropped_rejected + dropped_unreachable; }
};

// Where finished spans go. Bounded; never slows whoever submits. Thread-safe.
class SpanExporter {
 public:
  virtual ~SpanExporter() = default;

  // Never blocks. False: the queue was full, and the spans are counted as dropped.
  virtual bool submit(std::shared_ptr<const telemetry::SpanBatch> batch) = 0;

  // How many spans it can take now. They wait better where their records are kept than as a drop here.
  virtual std::size_t room() const = 0;

  // Drops what waits here of one host, and counts it as beyond the queue: another exporter needs the room
  // that its records take.
  virtual void give_up(const telemetry::Resource& of) { static_cast<void>(of); }

  // Waits until everything that was submitted before is exported or counted as dropped. False: not by the
  // deadline.
  virtual bool flush(std::chrono::steady_clock::time_point deadline) = 0;

  // Exports what it can until the deadline. The rest is counted as dropped; what is kept for the next process
  // stays pending. Nothing may be submitted after it.
  virtual void shutdown(std::chrono::steady_clock::time_point deadline) = 0;

  virtual ExporterStatistics statistics() const = 0;
};

}  // namespace waybill::exporters
