#pragma once

#include "waybill/analysis/message_evidence.h"
#include "waybill/server/sources.h"
#include "waybill/support/expected.h"

namespace waybill::server {

// Gathers what the store, and the brokers where they may be asked, know about one message. By its place, or
// by the context that travels with it. Without any span and any answer of a broker the evidence is empty. The
// error is that of the store. `ask_brokers`: else they are left alone, for questions about many messages.
Expected<analysis::MessageEvidence> find_message(const Sources& sources, const evidence::Place& place,
                                                 const analysis::SpanRef& context, std::int64_t now_ns,
                                                 bool ask_brokers);

}  // namespace waybill::server
