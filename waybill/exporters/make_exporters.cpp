#include "waybill/exporters/make_exporters.h"

#include "waybill/exporters/console_exporter.h"
#include "waybill/exporters/otlp_http_exporter.h"

namespace waybill::exporters {

std::vector<std::unique_ptr<SpanExporter>> make_exporters(const configure::Settings& settings, Log& log) {
  std::vector<std::unique_ptr<SpanExporter>> exporters;
  for (const configure::ExporterKind kind : settings.traces_exporters) {
    switch (kind) {
      case configure::ExporterKind::kOtlp:
        exporters.push_back(std::make_unique<OtlpHttpExporter>(settings.otlp_traces, settings.batch, log));
        break;
      case configure::ExporterKind::kConsole:
        exporters.push_back(std::make_unique<ConsoleExporter>(settings.console));
        break;
    }
  }
  return exporters;
}

}  // namespace waybill::exporters
