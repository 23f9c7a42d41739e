#include <algorithm>

#include "waybill/configure/internal/translate_file.h"

namespace waybill::configure::internal {
namespace {

using Kind = YamlNode::Kind;
using Type = FileProperty::Type;

// The file and the variable write one of the words differently.
void read_temporality(FileTranslation& translation, const FileValue& preference) {
  if (const std::optional<std::string> text = translation.text(preference)) {
    translation.set("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
                    *text == "low_memory" ? "lowmemory" : *text, preference);
  }
}

constexpr FileProperty kOtlpProperties[] = {
    {.key = "temporality_preference", .read = read_temporality},
    {"default_histogram_aggregation", "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION"},
};

void read_otlp_http(FileTranslation& translation, const FileValue& exporter) {
  translate_otlp(translation, exporter, kOtlpMetrics, OtlpWire::kHttp, kOtlpProperties);
}

void read_otlp_grpc(FileTranslation& translation, const FileValue& exporter) {
  translate_otlp(translation, exporter, kOtlpMetrics, OtlpWire::kGrpc, kOtlpProperties);
}

void read_console(FileTranslation& translation, const FileValue& exporter) {
  static constexpr FileProperty kProperties[] = {{.key = "temporality_preference"},
                                                 {.key = "default_histogram_aggregation"}};
  translation.read_properties(exporter, kProperties);
}

void read_prometheus(FileTranslation& translation, const FileValue& exporter) {
  static constexpr FileProperty kProperties[] = {
      {"host", "OTEL_EXPORTER_PROMETHEUS_HOST"},
      {"port", "OTEL_EXPORTER_PROMETHEUS_PORT", Type::kInteger},
      {.key = "without_scope_info"},
      {.key = "without_target_info/development"},
      {.key = "with_resource_constant_labels"},
      {.key = "translation_strategy"},
  };
  translation.read_properties(exporter, kProperties);
}

// How the file calls an exporter, and how OTEL_METRICS_EXPORTER does.
struct Exporter {
  std::string_view key;
  std::string_view name;
  void (*read)(FileTranslation&, const FileValue&);
};
constexpr Exporter kPushing[] = {{"otlp_http", "otlp", read_otlp_http},
                                 {"otlp_grpc", "otlp", read_otlp_grpc},
                                 {"console", "console", read_console}};
constexpr Exporter kPulled[] = {{"prometheus/development", "prometheus", read_prometheus}};

void read_exporter(FileTranslation& translation, const FileValue& exporter,
                   std::span<const Exporter> exporters, std::vector<std::string_view>& names) {
  const std::optional<FileValue> chosen = translation.only_entry(exporter);
  if (!chosen) return;
  const auto known = std::find_if(exporters.begin(), exporters.end(),
                                  [&](const Exporter& one) { return one.key == chosen->key; });
  if (known == exporters.end())
    return translation.complain(*chosen, "this exporter is not supported; it is ignored");
  if (std::find(names.begin(), names.end(), known->name) != names.end()) {
    return translation.complain(*chosen,
                                "there is an exporter of this kind already, and a second one is not "
                                "supported; it is ignored");
  }
  names.push_back(known->name);
  known->read(translation, *chosen);
}

void read_reader(FileTranslation& translation, const FileValue& reader,
                 std::span<const FileProperty> properties, std::span<const Exporter> exporters,
                 std::vector<std::string_view>& names) {
  translation.read_properties(reader, properties);
  if (reader.node->kind != Kind::kMapping && reader.node->kind != Kind::kNull) return;
  const std::optional<FileValue> exporter = find(translation.entries(reader), "exporter");
  if (exporter) return read_exporter(translation, *exporter, exporters, names);
  translation.complain(reader, "its exporter is missing; it is ignored");
}

void read_one_reader(FileTranslation& translation, const FileValue& item,
                     std::vector<std::string_view>& names) {
  static constexpr FileProperty kPeriodic[] = {
      {"interval", "OTEL_METRIC_EXPORT_INTERVAL", Type::kInteger},
      {"timeout", "OTEL_METRIC_EXPORT_TIMEOUT", Type::kInteger},
      {.key = "exporter", .read = read_elsewhere},
      {.key = "producers"},
      {.key = "cardinality_limits"},
  };
  static constexpr FileProperty kPull[] = {
      {.key = "exporter", .read = read_elsewhere}, {.key = "producers"}, {.key = "cardinality_limits"}};
  const std::optional<FileValue> reader = translation.only_entry(item);
  if (!reader) return;
  if (reader->key == "periodic") {
    read_reader(translation, *reader, kPeriodic, kPushing, names);
  } else if (reader->key == "pull") {
    read_reader(translation, *reader, kPull, kPulled, names);
  } else {
    translation.complain(*reader, "this reader is not supported; it is ignored");
  }
}

void read_readers(FileTranslation& translation, const FileValue& readers) {
  std::vector<std::string_view> names;
  for (const FileValue& item : translation.items(readers)) read_one_reader(translation, item, names);
  std::string joined;
  for (const std::string_view name : names) joined += (joined.empty() ? "" : ",") + std::string{name};
  if (!joined.empty()) translation.set("OTEL_METRICS_EXPORTER", joined, readers);
}

}  // namespace

void translate_meter_provider(FileTranslation& translation, const FileValue& provider) {
  static constexpr FileProperty kProperties[] = {
      {.key = "readers", .read = read_readers},
      {.key = "views"},
      {"exemplar_filter", "OTEL_METRICS_EXEMPLAR_FILTER"},
      {.key = "meter_configurator/development"},
  };
  translation.read_properties(provider, kProperties);
  if (provider.node->kind == Kind::kMapping && !find(translation.entries(provider), "readers"))
    translation.complain(provider, "its readers are missing, so no metric is exported");
}

}  // namespace waybill::configure::internal
