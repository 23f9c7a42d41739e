#pragma once

#include <memory>
#include <vector>

#include "waybill/configure/settings.h"
#include "waybill/exporters/metric_exporter.h"
#include "waybill/support/log.h"

namespace waybill::exporters {

// One exporter for each kind in settings.metrics.exporters; empty for "none". Those for Prometheus share what
// they show at the same address. `log` outlives them.
std::vector<std::unique_ptr<MetricExporter>> make_metric_exporters(const configure::Settings& settings,
                                                                   Log& log);

}  // namespace waybill::exporters
