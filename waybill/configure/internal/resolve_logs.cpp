#include <array>
#include <utility>

#include "waybill/configure/internal/resolve_export.h"

namespace waybill::configure::internal {
namespace {

constexpr BatchNames kBatchOfLogs{
    .schedule_delay = "OTEL_BLRP_SCHEDULE_DELAY",
    .max_queue_size = "OTEL_BLRP_MAX_QUEUE_SIZE",
    .max_export_batch_size = "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE",
    .export_timeout = "OTEL_BLRP_EXPORT_TIMEOUT",
};

void resolve_exporters(SettingReader& reader, Settings& settings) {
  constexpr std::string_view kName = "OTEL_LOGS_EXPORTER";
  static constexpr std::array<Choice<ExporterKind>, 6> kExporters{{
      {"otlp", ExporterKind::kOtlp},
      {"otlp/stdout", ExporterKind::kOtlpStdout},
      {"otlp_file", ExporterKind::kOtlpFile},
      {"kafka", ExporterKind::kKafka},
      {"console", ExporterKind::kConsole},
      {"logging", ExporterKind::kConsole},
  }};
  auto kinds = reader.choices(kName, kExporters, "otlp, otlp/stdout, otlp_file, kafka, console",
                              "no log record is exported");
  if (!kinds) return;
  skip_incomplete(reader, kName, settings, *kinds);
  settings.logs.exporters = *std::move(kinds);
}

}  // namespace

void resolve_logs(SettingReader& reader, Settings& settings) {
  resolve_exporters(reader, settings);
  settings.logs.otlp_protocol = resolve_otlp(reader, kOtlpLogs, settings.logs.otlp);
  resolve_batch(reader, kBatchOfLogs, settings.logs.batch);
}

}  // namespace waybill::configure::internal
