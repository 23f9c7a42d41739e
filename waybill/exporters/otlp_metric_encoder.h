#pragma once

#include "waybill/configure/settings.h"
#include "waybill/exporters/byte_buffer.h"
#include "waybill/exporters/metric_encoder.h"

namespace waybill::exporters {

// Writes an opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest, one ResourceMetrics for
// each snapshot. The preference says which points the receiver takes for differences. Owned by one thread.
class OtlpMetricEncoder final : public MetricEncoder {
 public:
  explicit OtlpMetricEncoder(configure::TemporalityPreference preference) : preference_{preference} {}

  std::string_view encode(const MetricSnapshots& snapshots) override;

 private:
  const configure::TemporalityPreference preference_;
  ByteBuffer body_;
};

}  // namespace waybill::exporters
