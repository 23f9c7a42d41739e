#include "waybill/exporters/metric_destination.h"

namespace waybill::exporters {

std::uint64_t count_points(const telemetry::MetricSnapshot& snapshot) {
  std::uint64_t points = 0;
  for (const telemetry::Metric& metric : snapshot.metrics) points += metric.points.size();
  return points;
}

std::uint64_t count_points(const MetricSnapshots& snapshots) {
  std::uint64_t points = 0;
  for (const auto& snapshot : snapshots) points += count_points(*snapshot);
  return points;
}

}  // namespace waybill::exporters
