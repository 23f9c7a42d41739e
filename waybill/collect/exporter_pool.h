#pragma once

#include <memory>
#include <vector>

#include "waybill/configure/settings.h"
#include "waybill/exporters/span_exporter.h"
#include "waybill/support/log.h"

namespace waybill::collect {

// The exporters of one set of settings; a batch goes to all of them.
using ExporterSet = std::vector<std::unique_ptr<exporters::SpanExporter>>;

// Hosts with the same destination share its exporters: one connection, one queue. Owned by one thread.
class ExporterPool {
 public:
  // `log` outlives the pool.
  explicit ExporterPool(Log& log) : log_{log} {}

  // Valid as long as the pool.
  ExporterSet& for_settings(const configure::Settings& settings);

  // Waits until everything that was submitted is exported or dropped. False: not by the deadline.
  bool flush(std::chrono::steady_clock::time_point deadline);

  void shutdown(std::chrono::steady_clock::time_point deadline);

  // The sum over all exporters.
  exporters::ExporterStatistics statistics() const;

 private:
  struct Entry {
    configure::Settings settings;
    ExporterSet exporters;
  };

  Log& log_;
  std::vector<std::unique_ptr<Entry>> entries_;
};

}  // namespace waybill::collect
