#pragma once

#include <string>

#include "waybill/exporters/console_text.h"
#include "waybill/exporters/destination.h"

namespace waybill::exporters {

// A line for each log record of spans that failed, each with its end:
//
//   22:13:20.125456Z shop WARN messaging.send.exception "send orders" partition=3
//     error=_MSG_TIMED_OUT (Local: Message timed out) trace=… span=…
//
// in one line. Pure.
std::string log_lines(Batches batches, ConsoleStyle style);

}  // namespace waybill::exporters
