#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "waybill/analysis/internal/message_facts.h"
#include "waybill/analysis/verdict.h"

namespace waybill::analysis {

// The rules of docs/verdicts.md. Each is a function that answers or steps aside; the first answer counts.

// What became of the message before any group: never_sent, ambiguous, aborted, lost_by_broker, unknown, and
// acknowledged if it is in the log, or was.
Verdict judge_send(const MessageFacts& facts);

// What became of it for one group. `fate` is what judge_send() says.
Verdict judge_group(const MessageFacts& facts, const GroupFacts& group, const Verdict& fate);

// What is said of the message as a whole: its fate, or else what is worst among the groups.
struct NamedVerdict {
  std::string_view group;
  const Verdict* verdict = nullptr;
};
Verdict judge_message(const Verdict& fate, const std::vector<NamedVerdict>& groups);

// "orders/3@1234"; what is not known is "?".
std::string text_of(const evidence::Place& place);

}  // namespace waybill::analysis
