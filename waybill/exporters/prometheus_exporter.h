#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "waybill/exporters/metric_exporter.h"
#include "waybill/exporters/prometheus_site.h"

namespace waybill::exporters {

// Shows metrics on a page that Prometheus asks for: a question makes it want fresh snapshots. What is on the
// page counts as exported.
class PrometheusExporter final : public MetricExporter {
 public:
  explicit PrometheusExporter(std::shared_ptr<PrometheusSite> site);
  ~PrometheusExporter() override;

  bool wants_snapshots(std::chrono::steady_clock::time_point now) override;
  void submit(MetricSnapshots snapshots) override;
  bool flush(std::chrono::steady_clock::time_point) override { return true; }
  void shutdown(std::chrono::steady_clock::time_point deadline) override;
  MetricExporterStatistics statistics() const override;

 private:
  mutable std::mutex mutex_;
  // Shared with other exporters at the same address. Null after shutdown(), and if it could not be opened.
  std::shared_ptr<PrometheusSite> site_;  // these are guarded by mutex_
  std::uint64_t member_ = 0;
  MetricExporterStatistics statistics_;
};

}  // namespace waybill::exporters
