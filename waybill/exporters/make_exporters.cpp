#include "waybill/exporters/make_exporters.h"

#include <utility>

#include "waybill/exporters/console_lines.h"
#include "waybill/exporters/console_tree.h"
#include "waybill/exporters/encoding_destination.h"
#include "waybill/exporters/http_transport.h"
#include "waybill/exporters/make_destination.h"
#include "waybill/exporters/otlp_encoder.h"
#include "waybill/exporters/otlp_json_encoder.h"
#include "waybill/exporters/queued_exporter.h"
#include "waybill/exporters/zipkin_encoder.h"
#include "waybill/exporters/zipkin_protocol.h"

namespace waybill::exporters {
namespace {

std::unique_ptr<SpanEncoder> make_encoder(configure::OtlpProtocol protocol) {
  if (protocol == configure::OtlpProtocol::kHttpJson) return std::make_unique<OtlpJsonTraceEncoder>();
  return std::make_unique<OtlpTraceEncoder>();
}

std::string console_text(Batches batches, ConsoleStyle style) {
  return style.tree ? console_tree(batches, style) : console_lines(batches, style);
}

std::unique_ptr<Destination> make_zipkin(const configure::ExportSettings& settings) {
  return std::make_unique<EncodingDestination>(
      std::make_unique<ZipkinEncoder>(),
      std::make_unique<HttpTransport>(settings.zipkin, std::make_unique<ZipkinProtocol>()));
}

std::unique_ptr<SpanExporter> make_exporter(configure::ExporterKind kind,
                                            const configure::ExportSettings& settings, Log& log) {
  const SpanSignal signal{make_encoder,         otlp_json_line,         console_text,
                          settings.otlp_traces, settings.otlp_protocol, settings.kafka.traces_topic};
  std::unique_ptr<Destination> destination = kind == configure::ExporterKind::kZipkin
                                                 ? make_zipkin(settings)
                                                 : make_destination(kind, signal, settings);
  return std::make_unique<QueuedExporter>(std::move(destination), settings.batch, log);
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
