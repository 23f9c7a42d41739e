#pragma once

#include <mutex>
#include <string>

#include "waybill/configure/settings.h"
#include "waybill/exporters/span_exporter.h"

namespace waybill::exporters {

// One line for each span, for a person: when, which service, what, how long, where, ids, error. Control
// characters in names and texts are escaped. Thread-safe; writes at once.
class ConsoleExporter final : public SpanExporter {
 public:
  explicit ConsoleExporter(configure::ConsoleTarget target);

  bool submit(std::shared_ptr<const telemetry::SpanBatch> batch) override;
  std::size_t room() const override { return SIZE_MAX; }
  bool flush(std::chrono::steady_clock::time_point) override { return true; }
  void shutdown(std::chrono::steady_clock::time_point) override {}
  ExporterStatistics statistics() const override;

 private:
  const int file_;
  mutable std::mutex mutex_;
  ExporterStatistics statistics_;  // guarded by mutex_
};

// The line of one span, with its line break.
std::string console_line(const telemetry::Resource& resource, const telemetry::Span& span);

}  // namespace waybill::exporters
