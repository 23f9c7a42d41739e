#pragma once

#include <vector>

#include "waybill/analysis/internal/message_facts.h"
#include "waybill/analysis/message_way.h"

namespace waybill::analysis {

// The messages during whose processing the message was sent: those of the nearest consumer span above its
// send.
std::vector<MessageName> find_origins(const MessageFacts& facts, const SpanIndex& index);

// The messages that were sent while it was processed: the sends below its consumer spans. Of a batch, what
// was sent while the batch was.
std::vector<MessageName> find_results(const MessageFacts& facts, const SpanIndex& index);

}  // namespace waybill::analysis
