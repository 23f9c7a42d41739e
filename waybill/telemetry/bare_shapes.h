#pragma once

#include "waybill/telemetry/shape_key.h"
#include "waybill/telemetry/span.h"

namespace waybill::telemetry {

// The shape for spans of a host that names more clients, topics and partitions than its share of memory
// holds: says which operation it was, and that attributes were dropped. Lives as long as the process; any
// thread may ask.
const SpanShape& bare_shape(const ShapeKey& key);

}  // namespace waybill::telemetry
