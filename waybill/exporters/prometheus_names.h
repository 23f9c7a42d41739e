#pragma once

#include <string>
#include <string_view>

#include "waybill/telemetry/metric.h"

// How Prometheus calls what OpenTelemetry calls otherwise (OpenTelemetry specification, "Prometheus and
// OpenMetrics Compatibility"). Pure functions.
namespace waybill::exporters {

// A UCUM unit in words: "seconds", "bytes", "bytes_per_second"; empty: there is no unit, as in "{message}".
std::string prometheus_unit(const telemetry::MetricDescription& description);

// "messaging_client_operation_duration_seconds", without the ending that tells the type.
std::string prometheus_name(const telemetry::MetricDescription& description);

// What Prometheus takes as a label's name: other characters become underscores, and several of these one.
std::string prometheus_label(std::string_view key);

}  // namespace waybill::exporters
