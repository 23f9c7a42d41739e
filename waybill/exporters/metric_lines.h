#pragma once

#include <string>

#include "waybill/exporters/metric_exporter.h"

namespace waybill::exporters {

// One line for each point, for a person: when, which service, what, with which attributes, how much. Control
// characters in names and texts are escaped.
std::string metric_lines(const MetricSnapshots& snapshots);

}  // namespace waybill::exporters
