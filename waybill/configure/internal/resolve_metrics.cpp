#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "waybill/configure/internal/resolve_export.h"

namespace waybill::configure::internal {
namespace {

void resolve_exporters(SettingReader& reader, Settings& settings) {
  constexpr std::string_view kName = "OTEL_METRICS_EXPORTER";
  static constexpr std::array<Choice<MetricExporterKind>, 7> kExporters{{
      {"otlp", MetricExporterKind::kOtlp},
      {"otlp/stdout", MetricExporterKind::kOtlpStdout},
      {"otlp_file", MetricExporterKind::kOtlpFile},
      {"kafka", MetricExporterKind::kKafka},
      {"prometheus", MetricExporterKind::kPrometheus},
      {"console", MetricExporterKind::kConsole},
      {"logging", MetricExporterKind::kConsole},
  }};
  auto kinds = reader.choices(kName, kExporters, "otlp, otlp/stdout, otlp_file, kafka, prometheus, console",
                              "no metric is exported");
  if (!kinds) return;
  skip_incomplete(reader, kName, settings, *kinds);
  settings.metrics.exporters = *std::move(kinds);
}

TemporalityPreference resolve_temporality(SettingReader& reader, TemporalityPreference fallback) {
  static constexpr std::array<Choice<TemporalityPreference>, 3> kPreferences{{
      {"cumulative", TemporalityPreference::kCumulative},
      {"delta", TemporalityPreference::kDelta},
      {"lowmemory", TemporalityPreference::kLowMemory},
  }};
  return reader.choice("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", kPreferences, fallback);
}

// Programs count into buckets with the bounds of the semantic conventions, which no other kind of histogram
// can be made of.
void check_aggregation(SettingReader& reader) {
  constexpr std::string_view kName = "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION";
  static constexpr std::array<Choice<bool>, 2> kAggregations{
      {{"explicit_bucket_histogram", true}, {"base2_exponential_bucket_histogram", false}}};
  if (reader.choice(kName, kAggregations, true)) return;
  reader.complain(kName, quoted(*reader.text(kName)) +
                             " cannot be made of what programs count; explicit_bucket_histogram is used");
}

bool resolve_exemplars(SettingReader& reader, bool fallback) {
  constexpr std::string_view kName = "OTEL_METRICS_EXEMPLAR_FILTER";
  static constexpr std::array<Choice<bool>, 3> kFilters{
      {{"trace_based", true}, {"always_on", true}, {"always_off", false}}};
  const bool exemplars = reader.choice(kName, kFilters, fallback);
  if (same_word(reader.text(kName).value_or(""), "always_on"))
    reader.complain(kName, "only sampled spans are known one by one; trace_based is used");
  return exemplars;
}

std::chrono::milliseconds resolve_duration(SettingReader& reader, std::string_view name,
                                           std::chrono::milliseconds fallback) {
  return std::chrono::milliseconds{
      reader.integer(name, static_cast<std::uint64_t>(fallback.count()), 1, 86'400'000)};
}

void resolve_prometheus(SettingReader& reader, PrometheusSettings& prometheus) {
  if (const auto host = reader.text("OTEL_EXPORTER_PROMETHEUS_HOST")) prometheus.host = *host;
  prometheus.port =
      static_cast<std::uint16_t>(reader.integer("OTEL_EXPORTER_PROMETHEUS_PORT", prometheus.port, 0, 65'535));
}

}  // namespace

void resolve_metrics(SettingReader& reader, Settings& settings) {
  MetricSettings& metrics = settings.metrics;
  resolve_exporters(reader, settings);
  metrics.interval = resolve_duration(reader, "OTEL_METRIC_EXPORT_INTERVAL", metrics.interval);
  metrics.timeout = resolve_duration(reader, "OTEL_METRIC_EXPORT_TIMEOUT", metrics.timeout);
  metrics.exemplars = resolve_exemplars(reader, metrics.exemplars);
  metrics.partition_id = reader.boolean("WAYBILL_METRICS_PARTITION_ID", metrics.partition_id);
  metrics.otlp_protocol = resolve_otlp(reader, kOtlpMetrics, metrics.otlp);
  metrics.temporality = resolve_temporality(reader, metrics.temporality);
  check_aggregation(reader);
  resolve_prometheus(reader, metrics.prometheus);
}

}  // namespace waybill::configure::internal
