#pragma once

#include "opentelemetry/proto/collector/logs/v1/logs_service.pb.h"
#include "opentelemetry/proto/collector/metrics/v1/metrics_service.pb.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"
#include "waybill/otlp/received.h"

namespace waybill::otlp {

namespace collector = opentelemetry::proto::collector;

// Reads export requests that somebody has parsed already: gRPC does. See request.h for those that come as
// bytes.
Received read(const collector::trace::v1::ExportTraceServiceRequest& request);
Received read(const collector::metrics::v1::ExportMetricsServiceRequest& request);
Received read(const collector::logs::v1::ExportLogsServiceRequest& request);

}  // namespace waybill::otlp
