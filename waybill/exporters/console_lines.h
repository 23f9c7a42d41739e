#pragma once

#include <string>

#include "waybill/exporters/destination.h"

namespace waybill::exporters {

// One line for each span, for a person: when, which service, what, how long, where, ids, error. Control
// characters in names and texts are escaped.
std::string console_lines(Batches batches);

}  // namespace waybill::exporters
