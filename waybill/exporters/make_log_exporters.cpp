#include "waybill/exporters/make_log_exporters.h"

#include "waybill/exporters/log_lines.h"
#include "waybill/exporters/make_destination.h"
#include "waybill/exporters/otlp_json_log_encoder.h"
#include "waybill/exporters/otlp_log_encoder.h"
#include "waybill/exporters/queued_exporter.h"

namespace waybill::exporters {
namespace {

std::unique_ptr<SpanEncoder> make_encoder(configure::OtlpProtocol protocol) {
  if (protocol == configure::OtlpProtocol::kHttpJson) return std::make_unique<OtlpJsonLogEncoder>();
  return std::make_unique<OtlpLogEncoder>();
}

}  // namespace

std::vector<std::unique_ptr<SpanExporter>> make_log_exporters(const configure::Settings& settings, Log& log) {
  const configure::LogSettings& logs = settings.logs;
  const SpanSignal signal{make_encoder, otlp_json_log_line, log_lines,
                          logs.otlp,    logs.otlp_protocol, settings.kafka.logs_topic};
  std::vector<std::unique_ptr<SpanExporter>> exporters;
  for (const configure::ExporterKind kind : logs.exporters) {
    exporters.push_back(std::make_unique<QueuedExporter>(make_destination(kind, signal, settings), logs.batch,
                                                         log, QueuedExporter::kLogRecords));
  }
  return exporters;
}

}  // namespace waybill::exporters
