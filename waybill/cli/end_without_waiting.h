#pragma once

#include "waybill/collect/collector.h"

namespace waybill::cli {

// Ends the process when everything is done but to wait for a broker that does not answer a question about
// lag; else returns.
void end_without_waiting(const collect::Collector& collector, int exit_code);

}  // namespace waybill::cli
