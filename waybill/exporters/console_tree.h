#pragma once

#include <string>

#include "waybill/exporters/console_text.h"
#include "waybill/exporters/destination.h"

namespace waybill::exporters {

// The spans of each trace, for a person: a headline, and under it every span below its parent, in the order
// of their starts. A trace of which only one span is there is one line, as console_lines() writes it. Spans
// that are delivered together make a tree, and no more: what comes later begins another one, whose uppermost
// spans name their parents.
std::string console_tree(Batches batches, ConsoleStyle style = {.tree = true});

}  // namespace waybill::exporters
