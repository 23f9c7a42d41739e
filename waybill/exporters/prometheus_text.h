#pragma once

#include <memory>
#include <string>
#include <vector>

#include "waybill/telemetry/metric.h"

namespace waybill::exporters {

enum class PrometheusFormat : std::uint8_t {
  kText,         // text exposition format 0.0.4
  kOpenMetrics,  // OpenMetrics 1.0: with units and exemplars
};

// The value of Content-Type.
const char* content_type(PrometheusFormat format);

// A host on the page. Its labels tell its series from those of all others.
struct PrometheusTarget {
  std::shared_ptr<const telemetry::MetricSnapshot> snapshot;
  std::string job;
  std::string instance;
};

// The page that Prometheus reads: a family for each metric with the points of all targets, and target_info
// with what else is known of each. A metric whose type differs from that of another one of its name is left
// out. Pure.
std::string prometheus_text(const std::vector<PrometheusTarget>& targets, PrometheusFormat format);

// What the labels "job" and "instance" are made of. The source stands in where a resource has no
// service.instance.id.
std::string job_of(const telemetry::Resource& resource);
std::string instance_of(const telemetry::MetricSnapshot& snapshot);

}  // namespace waybill::exporters
