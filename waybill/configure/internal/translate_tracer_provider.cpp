#include <algorithm>

#include "waybill/configure/internal/setting_reader.h"
#include "waybill/configure/internal/translate_file.h"

namespace waybill::configure::internal {
namespace {

using Kind = YamlNode::Kind;
using Type = FileProperty::Type;

void read_limits(FileTranslation& translation, const FileValue& limits) {
  static constexpr FileProperty kProperties[] = {
      {"attribute_value_length_limit", "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", Type::kInteger},
      {"attribute_count_limit", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", Type::kInteger},
      {"event_count_limit", "OTEL_SPAN_EVENT_COUNT_LIMIT", Type::kInteger},
      {"link_count_limit", "OTEL_SPAN_LINK_COUNT_LIMIT", Type::kInteger},
      {"event_attribute_count_limit", "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", Type::kInteger},
      {"link_attribute_count_limit", "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", Type::kInteger},
  };
  translation.read_properties(limits, kProperties);
}

void read_otlp_http(FileTranslation& translation, const FileValue& exporter) {
  translate_otlp(translation, exporter, kOtlpTraces, OtlpWire::kHttp);
}

void read_otlp_grpc(FileTranslation& translation, const FileValue& exporter) {
  translate_otlp(translation, exporter, kOtlpTraces, OtlpWire::kGrpc);
}

void read_zipkin(FileTranslation& translation, const FileValue& exporter) {
  static constexpr FileProperty kProperties[] = {
      {"endpoint", "OTEL_EXPORTER_ZIPKIN_ENDPOINT"},
      {"timeout", "OTEL_EXPORTER_ZIPKIN_TIMEOUT", Type::kInteger},
  };
  translation.read_properties(exporter, kProperties);
}

// Its property says which of two exporters of ours it is.
void read_otlp_file(FileTranslation& translation, const FileValue& exporter) {
  static constexpr FileProperty kProperties[] = {{.key = "output_stream", .read = read_elsewhere}};
  constexpr std::string_view kFile = "file://";
  translation.read_properties(exporter, kProperties);
  const std::optional<FileValue> stream = exporter.node->kind == Kind::kMapping
                                              ? find(translation.entries(exporter), "output_stream")
                                              : std::nullopt;
  const std::string text = (stream ? translation.text(*stream) : std::nullopt).value_or("stdout");
  if (text == "stdout") {
    translation.set("OTEL_TRACES_EXPORTER", "otlp/stdout", exporter);
  } else if (text.starts_with(std::string{kFile} + "/")) {
    translation.set("OTEL_TRACES_EXPORTER", "otlp_file", exporter);
    translation.set("WAYBILL_OTLP_FILE", text.substr(kFile.size()), *stream);
  } else {
    translation.complain(*stream, quoted(text) + " is neither stdout nor file:///…; the exporter is ignored");
  }
}

// How the file calls an exporter, and how OTEL_TRACES_EXPORTER does; without a name `read` says it.
struct Exporter {
  std::string_view key;
  std::string_view name;
  void (*read)(FileTranslation&, const FileValue&);
};
constexpr Exporter kExporters[] = {
    {"otlp_http", "otlp", read_otlp_http},
    {"otlp_grpc", "otlp", read_otlp_grpc},
    {"otlp_file/development", "", read_otlp_file},
    {"console", "console", expect_nothing},
    {"zipkin", "zipkin", read_zipkin},
};

void read_exporter(FileTranslation& translation, const FileValue& exporter) {
  const std::optional<FileValue> chosen = translation.only_entry(exporter);
  if (!chosen) return;
  const auto* const known = std::find_if(std::begin(kExporters), std::end(kExporters),
                                         [&](const Exporter& one) { return one.key == chosen->key; });
  if (known == std::end(kExporters))
    return translation.complain(*chosen, "this exporter is not supported; it is ignored");
  if (!known->name.empty()) translation.set("OTEL_TRACES_EXPORTER", std::string{known->name}, *chosen);
  known->read(translation, *chosen);
}

// The exporter of a processor that has no other property, or whose others are read as `timing`.
void read_processor(FileTranslation& translation, const FileValue& processor,
                    std::span<const FileProperty> timing) {
  std::vector<FileProperty> properties{timing.begin(), timing.end()};
  properties.push_back({.key = "exporter", .read = read_elsewhere});
  translation.read_properties(processor, properties);
  if (processor.node->kind != Kind::kMapping && processor.node->kind != Kind::kNull) return;
  const std::optional<FileValue> exporter = find(translation.entries(processor), "exporter");
  if (exporter) return read_exporter(translation, *exporter);
  translation.complain(processor, "its exporter is missing; it is ignored");
}

void read_one_processor(FileTranslation& translation, const FileValue& item) {
  static constexpr FileProperty kBatch[] = {
      {"schedule_delay", "OTEL_BSP_SCHEDULE_DELAY", Type::kInteger},
      {"export_timeout", "OTEL_BSP_EXPORT_TIMEOUT", Type::kInteger},
      {"max_queue_size", "OTEL_BSP_MAX_QUEUE_SIZE", Type::kInteger},
      {"max_export_batch_size", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", Type::kInteger},
  };
  const std::optional<FileValue> processor = translation.only_entry(item);
  if (!processor) return;
  if (processor->key == "batch") {
    read_processor(translation, *processor, kBatch);
  } else if (processor->key == "simple") {
    translation.set("OTEL_BSP_SCHEDULE_DELAY", "0", *processor);
    read_processor(translation, *processor, {});
  } else {
    translation.complain(*processor, "this processor is not supported; it is ignored");
  }
}

// Each processor is read by itself, because variables hold only one exporter of a kind, and one way to wait.
void read_processors(FileTranslation& translation, const FileValue& processors) {
  for (const FileValue& item : translation.items(processors))
    translation.read_exporter([&](FileTranslation& apart) { read_one_processor(apart, item); });
}

}  // namespace

void translate_tracer_provider(FileTranslation& translation, const FileValue& provider) {
  static constexpr FileProperty kProperties[] = {
      {.key = "processors", .read = read_processors},
      {.key = "limits", .read = read_limits},
      {.key = "sampler", .read = translate_sampler},
      {.key = "tracer_configurator/development"},
  };
  translation.read_properties(provider, kProperties);
  if (provider.node->kind == Kind::kMapping && !find(translation.entries(provider), "processors"))
    translation.complain(provider, "its processors are missing, so no span is exported");
}

}  // namespace waybill::configure::internal
