#pragma once

#include <string>

#include "waybill/configure/settings.h"
#include "waybill/exporters/metric_encoder.h"

namespace waybill::exporters {

// An ExportMetricsServiceRequest (which is a MetricsData too) as OTLP's JSON, in one line. The preference
// says which points the receiver takes for differences. Bytes that are not UTF-8 become U+FFFD.
std::string otlp_json(const MetricSnapshots& snapshots, configure::TemporalityPreference preference);

// The same as the body of a request. Owned by one thread.
class OtlpJsonMetricEncoder final : public MetricEncoder {
 public:
  explicit OtlpJsonMetricEncoder(configure::TemporalityPreference preference) : preference_{preference} {}

  std::string_view encode(const MetricSnapshots& snapshots) override {
    return body_ = otlp_json(snapshots, preference_);
  }

 private:
  const configure::TemporalityPreference preference_;
  std::string body_;
};

}  // namespace waybill::exporters
