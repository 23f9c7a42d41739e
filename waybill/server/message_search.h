#pragma once

#include <cstdint>
#include <limits>

#include "waybill/analysis/message_evidence.h"
#include "waybill/server/shared_evidence.h"
#include "waybill/server/sources.h"
#include "waybill/support/expected.h"

namespace waybill::server {

// Gathers what the store, and the brokers where they may be asked, know about the messages of one question.
// What they have in common is looked up once: begin with the newest. Owned by one thread.
class MessageSearch {
 public:
  // `now_ns`: of the question. `earliest_ns`: when the first of its messages was sent, if that is known.
  MessageSearch(const Sources& sources, std::int64_t now_ns,
                std::int64_t earliest_ns = std::numeric_limits<std::int64_t>::max());

  // By its place, or by the context that travels with it. Without any span and any answer of a broker the
  // evidence is empty. The error is that of the store. `ask_brokers`: else they are left alone, for questions
  // about many messages.
  Expected<analysis::MessageEvidence> find(const evidence::Place& place, const analysis::SpanRef& context,
                                           bool ask_brokers);

 private:
  const Sources& sources_;
  const std::int64_t now_ns_;
  SharedEvidence shared_;
};

}  // namespace waybill::server
