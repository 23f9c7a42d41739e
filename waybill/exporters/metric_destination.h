#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "waybill/exporters/delivery.h"
#include "waybill/exporters/metric_exporter.h"

namespace waybill::exporters {

// One place that metrics are sent to: a receiver, or a file. Owned by the thread that delivers; stop(),
// memory_of() and recall() may come from another.
class MetricDestination {
 public:
  virtual ~MetricDestination() = default;

  // What messages call it. Without secrets.
  virtual const std::string& name() const = 0;

  // Waits until the metrics are there, or given up; not longer than until `deadline`.
  virtual Delivery deliver(const MetricSnapshots& snapshots,
                           std::chrono::steady_clock::time_point deadline) = 0;

  // Lets a running deliver() return at once, and every later one.
  virtual void stop() = 0;

  // As MetricExporter has them.
  virtual std::string memory_of(const std::string& source) const {
    static_cast<void>(source);
    return {};
  }
  virtual void recall(const std::string& source, std::string_view memory) {
    static_cast<void>(source);
    static_cast<void>(memory);
  }
};

// How many points the snapshots have.
std::uint64_t count_points(const telemetry::MetricSnapshot& snapshot);
std::uint64_t count_points(const MetricSnapshots& snapshots);

}  // namespace waybill::exporters
