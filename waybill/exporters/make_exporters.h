#pragma once

#include <memory>
#include <vector>

#include "waybill/configure/settings.h"
#include "waybill/exporters/span_exporter.h"
#include "waybill/support/log.h"

namespace waybill::exporters {

// One exporter for each kind in settings.traces_exporters, and for each of settings.more_exports; empty for
// "none". `log` outlives them.
std::vector<std::unique_ptr<SpanExporter>> make_exporters(const configure::Settings& settings, Log& log);

}  // namespace waybill::exporters
