#pragma once

#include "waybill/configure/settings.h"
#include "waybill/telemetry/metric.h"

namespace waybill::exporters {

// Whether a receiver with this preference gets a metric's points as what came since the last export
// (OpenTelemetry specification, OTLP Metrics Exporter, "temporality preference"). Values that may fall are
// always those of the moment.
constexpr bool is_delta(configure::TemporalityPreference preference,
                        const telemetry::MetricDescription& description) {
  const bool rises = description.instrument == telemetry::InstrumentKind::kCounter ||
                     description.instrument == telemetry::InstrumentKind::kHistogram;
  switch (preference) {
    case configure::TemporalityPreference::kCumulative:
      return false;
    case configure::TemporalityPreference::kDelta:
      return rises;
    case configure::TemporalityPreference::kLowMemory:
      return rises && !description.observable;
  }
  return false;
}

}  // namespace waybill::exporters
