#pragma once

#include <string_view>

namespace waybill::configure::internal {

// The settings of one signal that win over the general OTEL_EXPORTER_OTLP_* ones, and what is added to the
// receiver's address.
struct OtlpNames {
  std::string_view path;     // of OTLP over HTTP
  std::string_view service;  // of gRPC
  std::string_view endpoint;
  std::string_view protocol;
  std::string_view headers;
  std::string_view timeout;
  std::string_view compression;
  std::string_view certificate;
  std::string_view client_certificate;
  std::string_view client_key;
  std::string_view insecure;
};

inline constexpr OtlpNames kOtlpTraces{
    .path = "/v1/traces",
    .service = "opentelemetry.proto.collector.trace.v1.TraceService",
    .endpoint = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    .protocol = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
    .headers = "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    .timeout = "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
    .compression = "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
    .certificate = "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE",
    .client_certificate = "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE",
    .client_key = "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY",
    .insecure = "OTEL_EXPORTER_OTLP_TRACES_INSECURE",
};

inline constexpr OtlpNames kOtlpMetrics{
    .path = "/v1/metrics",
    .service = "opentelemetry.proto.collector.metrics.v1.MetricsService",
    .endpoint = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    .protocol = "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
    .headers = "OTEL_EXPORTER_OTLP_METRICS_HEADERS",
    .timeout = "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT",
    .compression = "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION",
    .certificate = "OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE",
    .client_certificate = "OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE",
    .client_key = "OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY",
    .insecure = "OTEL_EXPORTER_OTLP_METRICS_INSECURE",
};

inline constexpr OtlpNames kOtlpLogs{
    .path = "/v1/logs",
    .service = "opentelemetry.proto.collector.logs.v1.LogsService",
    .endpoint = "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
    .protocol = "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL",
    .headers = "OTEL_EXPORTER_OTLP_LOGS_HEADERS",
    .timeout = "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT",
    .compression = "OTEL_EXPORTER_OTLP_LOGS_COMPRESSION",
    .certificate = "OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE",
    .client_certificate = "OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE",
    .client_key = "OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY",
    .insecure = "OTEL_EXPORTER_OTLP_LOGS_INSECURE",
};

}  // namespace waybill::configure::internal
