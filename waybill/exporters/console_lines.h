#pragma once

#include <string>

#include "waybill/exporters/console_text.h"
#include "waybill/exporters/destination.h"

namespace waybill::exporters {

// One line for each span, for a person: when, which service, what, how long, where, ids, error.
std::string console_lines(Batches batches, ConsoleStyle style = {});

// The line of one span, with its end.
std::string console_line(const telemetry::Resource& resource, const telemetry::Span& span,
                         ConsoleStyle style);

}  // namespace waybill::exporters
