#include <algorithm>
#include <array>

#include "waybill/analysis/internal/group_case.h"
#include "waybill/analysis/internal/judge.h"

namespace waybill::analysis {
namespace {

// Worst first: what somebody who looks for the message wants to know.
constexpr std::array kWorstFirst = {
    State::kLostByBroker, State::kExpired,    State::kSkipped,      State::kCommittedBeforeProcessing,
    State::kFailed,       State::kNeverSent,  State::kAborted,      State::kAmbiguous,
    State::kPending,      State::kInProgress, State::kDuplicated,   State::kUnknown,
    State::kReceived,     State::kProcessed,  State::kAcknowledged,
};

std::size_t rank_of(State state) {
  return static_cast<std::size_t>(std::find(kWorstFirst.begin(), kWorstFirst.end(), state) -
                                  kWorstFirst.begin());
}

}  // namespace

Verdict judge_group(const MessageFacts& facts, const GroupFacts& group, const Verdict& fate) {
  const Case of{facts, group, fate};
  if (auto verdict = judge_what_was_done(of)) return *std::move(verdict);
  return judge_what_was_not_done(of);
}

Verdict judge_message(const Verdict& fate, const std::vector<NamedVerdict>& groups) {
  const bool is_open = fate.state == State::kAcknowledged || fate.state == State::kUnknown;
  const auto worst = std::min_element(groups.begin(), groups.end(), [](const auto& left, const auto& right) {
    return rank_of(left.verdict->state) < rank_of(right.verdict->state);
  });
  if (!is_open || worst == groups.end()) return fate;
  Verdict verdict = *worst->verdict;
  const bool is_same = verdict.state == fate.state && verdict.cause == fate.cause;
  if (!is_same && !worst->group.empty())
    verdict.text = "Group " + std::string(worst->group) + ": " + verdict.text;
  verdict.evidence.insert(verdict.evidence.begin(), fate.evidence.begin(), fate.evidence.end());
  return verdict;
}

}  // namespace waybill::analysis
