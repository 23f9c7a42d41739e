#include <algorithm>
#include <string>
#include <vector>

#include "waybill/configure/internal/setting_reader.h"
#include "waybill/configure/internal/translate_file.h"

namespace waybill::configure::internal {
namespace {

using Kind = YamlNode::Kind;
using Type = FileProperty::Type;

// The exporters that have been read, as OTEL_LOGS_EXPORTER calls them.
using Names = std::vector<std::string>;

// Its property says which of two exporters of ours it is. Empty, and told: it is neither.
std::string read_otlp_file(FileTranslation& translation, const FileValue& exporter) {
  static constexpr FileProperty kProperties[] = {{.key = "output_stream", .read = read_elsewhere}};
  constexpr std::string_view kFile = "file://";
  translation.read_properties(exporter, kProperties);
  const std::optional<FileValue> stream = exporter.node->kind == Kind::kMapping
                                              ? find(translation.entries(exporter), "output_stream")
                                              : std::nullopt;
  const std::string text = (stream ? translation.text(*stream) : std::nullopt).value_or("stdout");
  if (text == "stdout") return "otlp/stdout";
  if (text.starts_with(std::string{kFile} + "/")) {
    translation.set("WAYBILL_OTLP_FILE", text.substr(kFile.size()), *stream);
    return "otlp_file";
  }
  translation.complain(*stream, quoted(text) + " is neither stdout nor file:///…; the exporter is ignored");
  return {};
}

// The name of the exporter in OTEL_LOGS_EXPORTER; empty, and told: it is not supported.
std::string read_kind(FileTranslation& translation, const FileValue& chosen) {
  if (chosen.key == "otlp_http" || chosen.key == "otlp_grpc") {
    const OtlpWire wire = chosen.key == "otlp_grpc" ? OtlpWire::kGrpc : OtlpWire::kHttp;
    translate_otlp(translation, chosen, kOtlpLogs, wire);
    return "otlp";
  }
  if (chosen.key == "otlp_file/development") return read_otlp_file(translation, chosen);
  if (chosen.key == "console") {
    expect_nothing(translation, chosen);
    return "console";
  }
  translation.complain(chosen, "this exporter is not supported; it is ignored");
  return {};
}

void read_exporter(FileTranslation& translation, const FileValue& exporter, Names& names) {
  const std::optional<FileValue> chosen = translation.only_entry(exporter);
  if (!chosen) return;
  const std::string name = read_kind(translation, *chosen);
  if (name.empty()) return;
  if (std::find(names.begin(), names.end(), name) != names.end()) {
    return translation.complain(*chosen,
                                "there is an exporter of this kind already, and a second one is not "
                                "supported; it is ignored");
  }
  names.push_back(name);
}

void read_processor(FileTranslation& translation, const FileValue& processor,
                    std::span<const FileProperty> properties, Names& names) {
  translation.read_properties(processor, properties);
  if (processor.node->kind != Kind::kMapping && processor.node->kind != Kind::kNull) return;
  const std::optional<FileValue> exporter = find(translation.entries(processor), "exporter");
  if (exporter) return read_exporter(translation, *exporter, names);
  translation.complain(processor, "its exporter is missing; it is ignored");
}

void read_one_processor(FileTranslation& translation, const FileValue& item, Names& names) {
  static constexpr FileProperty kBatch[] = {
      {"schedule_delay", "OTEL_BLRP_SCHEDULE_DELAY", Type::kInteger},
      {"export_timeout", "OTEL_BLRP_EXPORT_TIMEOUT", Type::kInteger},
      {"max_queue_size", "OTEL_BLRP_MAX_QUEUE_SIZE", Type::kInteger},
      {"max_export_batch_size", "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", Type::kInteger},
      {.key = "exporter", .read = read_elsewhere},
  };
  static constexpr FileProperty kSimple[] = {{.key = "exporter", .read = read_elsewhere}};
  const std::optional<FileValue> processor = translation.only_entry(item);
  if (!processor) return;
  if (processor->key == "batch") {
    read_processor(translation, *processor, kBatch, names);
  } else if (processor->key == "simple") {
    translation.set("OTEL_BLRP_SCHEDULE_DELAY", "0", *processor);
    read_processor(translation, *processor, kSimple, names);
  } else {
    translation.complain(*processor, "this processor is not supported; it is ignored");
  }
}

void read_processors(FileTranslation& translation, const FileValue& processors) {
  Names names;
  for (const FileValue& item : translation.items(processors)) read_one_processor(translation, item, names);
  std::string joined;
  for (const std::string& name : names) joined += (joined.empty() ? "" : ",") + name;
  if (!joined.empty()) translation.set("OTEL_LOGS_EXPORTER", joined, processors);
}

}  // namespace

void translate_logger_provider(FileTranslation& translation, const FileValue& provider) {
  static constexpr FileProperty kProperties[] = {
      {.key = "processors", .read = read_processors},
      {.key = "limits"},
      {.key = "logger_configurator/development"},
  };
  translation.read_properties(provider, kProperties);
  if (provider.node->kind == Kind::kMapping && !find(translation.entries(provider), "processors"))
    translation.complain(provider, "its processors are missing, so no log record is exported");
}

}  // namespace waybill::configure::internal
