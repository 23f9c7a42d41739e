#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "waybill/analysis/internal/message_facts.h"
#include "waybill/analysis/verdict.h"

namespace waybill::analysis {

// One message and one group, and what the rules ask about the two. Borrows; lives for one judgement.
struct Case {
  const MessageFacts& facts;
  const GroupFacts& group;
  const Verdict& fate;  // of the message, before any group
};

// "billing-service", or "a member".
std::string member_of(const evidence::Span& span);

// Whether the group goes on behind the message after a restart. What was said last counts.
bool is_committed(const Case& of);
// Whether it is known that it would get the message after a restart. Both are false if nothing is known.
bool is_known_uncommitted(const Case& of);
// Adds what is known of the group's commits.
void add_commit(const Case& of, std::vector<Ground>& grounds);

// Whether the same member got what stands before and what stands behind the message.
bool is_by_one_member(const Passage& passage);

// When the group is first known to be behind the message. None: it is not known to be.
std::optional<std::int64_t> passed_ns(const Case& of);

// Why a span of the group that is not there proves nothing, as half a sentence; empty: until `until_ns` the
// group did not do what that span would say.
std::string why_absence_proves_nothing(const Case& of, std::int64_t until_ns);
// … until now. Of a group that has told nothing for long it is taken that it did nothing.
std::string why_absence_proves_nothing(const Case& of);

// The two halves of judge_group(): what the group did with the message, none if it is not seen to have got
// it; and why it did not.
std::optional<Verdict> judge_what_was_done(const Case& of);
Verdict judge_what_was_not_done(const Case& of);

}  // namespace waybill::analysis
