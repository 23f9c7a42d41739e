#include "waybill/exporters/make_exporters.h"

#include <unistd.h>

#include <utility>

#include "waybill/exporters/console_lines.h"
#include "waybill/exporters/console_tree.h"
#include "waybill/exporters/encoding_destination.h"
#include "waybill/exporters/file_destination.h"
#include "waybill/exporters/http_transport.h"
#include "waybill/exporters/make_transport.h"
#include "waybill/exporters/otlp_encoder.h"
#include "waybill/exporters/otlp_json_encoder.h"
#include "waybill/exporters/queued_exporter.h"
#include "waybill/exporters/zipkin_encoder.h"
#include "waybill/exporters/zipkin_protocol.h"

namespace waybill::exporters {
namespace {

std::unique_ptr<Destination> make_otlp(const configure::ExportSettings& settings) {
  std::unique_ptr<SpanEncoder> encoder = std::make_unique<OtlpTraceEncoder>();
  if (settings.otlp_protocol == configure::OtlpProtocol::kHttpJson)
    encoder = std::make_unique<OtlpJsonTraceEncoder>();
  return std::make_unique<EncodingDestination>(
      std::move(encoder), make_otlp_transport(settings.otlp_traces, settings.otlp_protocol));
}

std::unique_ptr<Destination> make_zipkin(const configure::ExportSettings& settings) {
  return std::make_unique<EncodingDestination>(
      std::make_unique<ZipkinEncoder>(),
      std::make_unique<HttpTransport>(settings.zipkin, std::make_unique<ZipkinProtocol>()));
}

std::unique_ptr<Destination> make_kafka(const configure::KafkaSettings& kafka) {
  return std::make_unique<EncodingDestination>(std::make_unique<OtlpTraceEncoder>(),
                                               make_kafka_transport(kafka, kafka.traces_topic));
}

FileDestination::Text text_on(int descriptor, const configure::ConsoleSettings& console) {
  const bool on_terminal = descriptor != LineFile::kNoDescriptor && isatty(descriptor) == 1;
  const bool is_tree = console.format == configure::ConsoleFormat::kTree ||
                       (console.format == configure::ConsoleFormat::kAuto && on_terminal);
  const ConsoleStyle style{is_tree, on_terminal && console.colour};
  return [style](Batches batches) {
    return style.tree ? console_tree(batches, style) : console_lines(batches, style);
  };
}

std::unique_ptr<Destination> make_console(const configure::ConsoleSettings& console) {
  if (console.target == configure::ConsoleTarget::kFile) {
    return std::make_unique<FileDestination>(console.file, text_on(LineFile::kNoDescriptor, console));
  }
  const bool to_stdout = console.target == configure::ConsoleTarget::kStdout;
  const int descriptor = to_stdout ? STDOUT_FILENO : STDERR_FILENO;
  return std::make_unique<FileDestination>(descriptor, to_stdout ? "stdout" : "stderr",
                                           text_on(descriptor, console));
}

std::unique_ptr<SpanExporter> make_exporter(configure::ExporterKind kind,
                                            const configure::ExportSettings& settings, Log& log) {
  switch (kind) {
    case configure::ExporterKind::kOtlp:
      return std::make_unique<QueuedExporter>(make_otlp(settings), settings.batch, log);
    case configure::ExporterKind::kOtlpStdout:
      return std::make_unique<QueuedExporter>(
          std::make_unique<FileDestination>(STDOUT_FILENO, "stdout", otlp_json_line), settings.batch, log);
    case configure::ExporterKind::kOtlpFile:
      return std::make_unique<QueuedExporter>(
          std::make_unique<FileDestination>(settings.otlp_file, otlp_json_line), settings.batch, log);
    case configure::ExporterKind::kZipkin:
      return std::make_unique<QueuedExporter>(make_zipkin(settings), settings.batch, log);
    case configure::ExporterKind::kConsole:
      return std::make_unique<QueuedExporter>(make_console(settings.console), settings.batch, log);
    case configure::ExporterKind::kKafka:
      return std::make_unique<QueuedExporter>(make_kafka(settings.kafka), settings.batch, log);
  }
  return nullptr;
}

void add_exporters(std::vector<std::unique_ptr<SpanExporter>>& exporters,
                   const configure::ExportSettings& settings, Log& log) {
  for (const configure::ExporterKind kind : settings.traces_exporters)
    exporters.push_back(make_exporter(kind, settings, log));
}

}  // namespace

std::vector<std::unique_ptr<SpanExporter>> make_exporters(const configure::Settings& settings, Log& log) {
  std::vector<std::unique_ptr<SpanExporter>> exporters;
  add_exporters(exporters, settings, log);
  for (const configure::ExportSettings& more : settings.more_exports) add_exporters(exporters, more, log);
  return exporters;
}

}  // namespace waybill::exporters
