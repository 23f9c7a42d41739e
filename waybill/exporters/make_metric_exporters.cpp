#include "waybill/exporters/make_metric_exporters.h"

#include <unistd.h>

#include <utility>

#include "waybill/exporters/delta_destination.h"
#include "waybill/exporters/make_transport.h"
#include "waybill/exporters/metric_file_destination.h"
#include "waybill/exporters/metric_lines.h"
#include "waybill/exporters/otlp_json_metric_encoder.h"
#include "waybill/exporters/otlp_metric_encoder.h"
#include "waybill/exporters/periodic_metric_exporter.h"
#include "waybill/exporters/prometheus_exporter.h"
#include "waybill/exporters/sending_metric_destination.h"

namespace waybill::exporters {
namespace {

using configure::MetricExporterKind;
using configure::Settings;
using configure::TemporalityPreference;
using Destination = std::unique_ptr<MetricDestination>;

Destination make_receiver(const configure::MetricSettings& metrics) {
  std::unique_ptr<MetricEncoder> encoder = std::make_unique<OtlpMetricEncoder>(metrics.temporality);
  if (metrics.otlp_protocol == configure::OtlpProtocol::kHttpJson)
    encoder = std::make_unique<OtlpJsonMetricEncoder>(metrics.temporality);
  return std::make_unique<SendingMetricDestination>(std::move(encoder),
                                                    make_otlp_transport(metrics.otlp, metrics.otlp_protocol));
}

Destination make_kafka(const Settings& settings) {
  return std::make_unique<SendingMetricDestination>(
      std::make_unique<OtlpMetricEncoder>(settings.metrics.temporality),
      make_kafka_transport(settings.kafka, settings.kafka.metrics_topic));
}

MetricFileDestination::Text lines_with(TemporalityPreference preference) {
  return [preference](const MetricSnapshots& snapshots) { return otlp_json(snapshots, preference) + '\n'; };
}

Destination make_console(const configure::ConsoleSettings& console) {
  if (console.target == configure::ConsoleTarget::kFile)
    return std::make_unique<MetricFileDestination>(console.file, metric_lines);
  const bool to_stdout = console.target == configure::ConsoleTarget::kStdout;
  return std::make_unique<MetricFileDestination>(to_stdout ? STDOUT_FILENO : STDERR_FILENO,
                                                 to_stdout ? "stdout" : "stderr", metric_lines);
}

Destination make_otlp(MetricExporterKind kind, const Settings& settings) {
  const TemporalityPreference preference = settings.metrics.temporality;
  Destination destination;
  if (kind == MetricExporterKind::kOtlp) {
    destination = make_receiver(settings.metrics);
  } else if (kind == MetricExporterKind::kKafka) {
    destination = make_kafka(settings);
  } else if (kind == MetricExporterKind::kOtlpStdout) {
    destination = std::make_unique<MetricFileDestination>(STDOUT_FILENO, "stdout", lines_with(preference));
  } else {
    destination = std::make_unique<MetricFileDestination>(settings.otlp_file, lines_with(preference));
  }
  if (preference == TemporalityPreference::kCumulative) return destination;
  return std::make_unique<DeltaDestination>(std::move(destination), preference);
}

std::unique_ptr<MetricExporter> make_exporter(MetricExporterKind kind, const Settings& settings, Log& log) {
  const configure::MetricSettings& metrics = settings.metrics;
  if (kind == MetricExporterKind::kPrometheus)
    return std::make_unique<PrometheusExporter>(PrometheusSite::at(metrics.prometheus, log));
  Destination destination =
      kind == MetricExporterKind::kConsole ? make_console(settings.console) : make_otlp(kind, settings);
  return std::make_unique<PeriodicMetricExporter>(
      std::move(destination), PeriodicMetricExporter::Timing{metrics.interval, metrics.timeout}, log);
}

}  // namespace

std::vector<std::unique_ptr<MetricExporter>> make_metric_exporters(const Settings& settings, Log& log) {
  std::vector<std::unique_ptr<MetricExporter>> exporters;
  for (const MetricExporterKind kind : settings.metrics.exporters)
    exporters.push_back(make_exporter(kind, settings, log));
  return exporters;
}

}  // namespace waybill::exporters
