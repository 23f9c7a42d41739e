#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "waybill/telemetry/metric.h"

namespace waybill::exporters {

// Those of several hosts, taken at one moment.
using MetricSnapshots = std::vector<std::shared_ptr<const telemetry::MetricSnapshot>>;

// The books of one exporter of metrics, in points: submitted == exported + dropped + pending.
struct MetricExporterStatistics {
  std::uint64_t submitted = 0;
  std::uint64_t exported = 0;
  std::uint64_t pending = 0;
  std::uint64_t dropped =
      0;  // a cumulative point that is dropped loses nothing for good: the next one holds it
  std::uint64_t retries = 0;
};

// Where metrics go: sent at intervals, or shown to whoever asks. Bounded; never slows whoever submits.
// Thread-safe.
class MetricExporter {
 public:
  virtual ~MetricExporter() = default;

  // Whether snapshots are due: the interval is over, or somebody asks for them. Asked every few milliseconds.
  virtual bool wants_snapshots(std::chrono::steady_clock::time_point now) = 0;

  // Never blocks. One that comes before the last was sent takes its place, but for hosts that have ended.
  virtual void submit(MetricSnapshots snapshots) = 0;

  // Waits until everything that was submitted before is exported or dropped. False: not by the deadline.
  virtual bool flush(std::chrono::steady_clock::time_point deadline) = 0;

  // Exports what it can until the deadline. Nothing may be submitted after it.
  virtual void shutdown(std::chrono::steady_clock::time_point deadline) = 0;

  virtual MetricExporterStatistics statistics() const = 0;

  // What it has told of a source, as bytes that the next collecting process gives back to recall() before it
  // submits that source: so nothing is counted twice, and nothing is missing, when only differences are sent.
  // They change with each export. Empty: there is nothing to keep. recall() ignores what it cannot read.
  virtual std::string memory_of(const std::string& source) const {
    static_cast<void>(source);
    return {};
  }
  virtual void recall(const std::string& source, std::string_view memory) {
    static_cast<void>(source);
    static_cast<void>(memory);
  }
};

}  // namespace waybill::exporters
