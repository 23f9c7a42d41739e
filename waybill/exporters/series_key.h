#pragma once

#include <string>
#include <string_view>

#include "waybill/telemetry/metric.h"

namespace waybill::exporters {

// Names a series of one source: the metric and its attributes, in whatever order these stand. Different
// series have different keys. Pure.
std::string series_key(std::string_view metric, std::span<const telemetry::Attribute> attributes);

}  // namespace waybill::exporters
