#include "waybill/exporters/prometheus_exporter.h"

#include <utility>

#include "waybill/exporters/metric_destination.h"

namespace waybill::exporters {

PrometheusExporter::PrometheusExporter(std::shared_ptr<PrometheusSite> site) {
  if (!site->is_open()) return;
  site_ = std::move(site);
  member_ = site_->enter();
}

PrometheusExporter::~PrometheusExporter() { shutdown({}); }

bool PrometheusExporter::wants_snapshots(std::chrono::steady_clock::time_point) {
  const std::scoped_lock lock{mutex_};
  return site_ != nullptr && site_->is_asked(member_);
}

void PrometheusExporter::submit(MetricSnapshots snapshots) {
  const std::uint64_t points = count_points(snapshots);
  const std::scoped_lock lock{mutex_};
  statistics_.submitted += points;
  (site_ == nullptr ? statistics_.dropped : statistics_.exported) += points;
  if (site_ != nullptr) site_->show(member_, snapshots);
}

// The page goes with the last exporter that shows something on it.
void PrometheusExporter::shutdown(std::chrono::steady_clock::time_point) {
  const std::scoped_lock lock{mutex_};
  if (site_ == nullptr) return;
  site_->leave(member_);
  site_.reset();
}

MetricExporterStatistics PrometheusExporter::statistics() const {
  const std::scoped_lock lock{mutex_};
  return statistics_;
}

}  // namespace waybill::exporters
