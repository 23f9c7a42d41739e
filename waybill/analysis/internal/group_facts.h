#pragma once

#include <vector>

#include "waybill/analysis/internal/message_facts.h"

namespace waybill::analysis {

// What each group did with the message: those of the evidence, and those that only spans name. `facts` has
// the message's place, contexts and send already. Sorted by name.
std::vector<GroupFacts> gather_groups(const MessageFacts& facts, const SpanIndex& index);

}  // namespace waybill::analysis
