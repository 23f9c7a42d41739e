#pragma once

#include <memory>
#include <vector>

#include "waybill/configure/settings.h"
#include "waybill/exporters/span_exporter.h"
#include "waybill/support/log.h"

namespace waybill::exporters {

// One exporter for each kind in settings.logs.exporters; empty for "none". What is submitted to them are
// spans that failed (telemetry::failed_spans), and what they send are the log records of these: one for each,
// so that their books count log records. `log` outlives them.
std::vector<std::unique_ptr<SpanExporter>> make_log_exporters(const configure::Settings& settings, Log& log);

}  // namespace waybill::exporters
