#include <algorithm>
#include <array>

#include "waybill/analysis/internal/group_case.h"

namespace waybill::analysis {
namespace {

using evidence::Span;

using Rule = std::optional<Verdict> (*)(const Case&);

bool is_good(const Span& process) { return !process.failed && !process.unfinished; }

std::vector<const Span*> good_ones(const GroupFacts& group) {
  std::vector<const Span*> good;
  for (const Span* process : group.processes) {
    if (is_good(*process)) good.push_back(process);
  }
  return good;
}

std::vector<Ground> grounds_of(const std::vector<const Span*>& spans, std::string_view did) {
  std::vector<Ground> grounds;
  grounds.reserve(spans.size() + 1);
  for (const Span* span : spans)
    grounds.push_back({member_of(*span) + " " + std::string(did), ref_of(*span)});
  return grounds;
}

// ── The rules: it was processed, or begun ──

std::optional<Verdict> duplicated(const Case& of) {
  const auto good = good_ones(of.group);
  if (good.size() < 2) return std::nullopt;
  return Verdict{.state = State::kDuplicated,
                 .cause = "processed_again",
                 .confidence = Confidence::kProved,
                 .text = "It was processed " + std::to_string(good.size()) + " times.",
                 .evidence = grounds_of(good, "processed it"),
                 .missing = {}};
}

std::optional<Verdict> processed(const Case& of) {
  const auto good = good_ones(of.group);
  if (good.empty()) return std::nullopt;
  const bool at_once = of.group.processes.size() == 1;
  return Verdict{.state = State::kProcessed,
                 .cause = at_once ? "" : "at_another_try",
                 .confidence = Confidence::kProved,
                 .text = at_once ? "It was processed." : "It was processed, not at the first try.",
                 .evidence = grounds_of(good, "processed it"),
                 .missing = {}};
}

// A member had it in its hands and ended. What others did afterwards would be seen, or it cannot have been
// given to others, because it was committed before that member's end.
std::optional<Verdict> committed_before_processing(const Case& of) {
  const auto& attempts = of.group.processes;
  if (attempts.empty() || !is_committed(of)) return std::nullopt;
  const Span& last = *attempts.back();
  if (!last.unfinished) return std::nullopt;
  const bool is_before_end = std::any_of(of.group.settles.begin(), of.group.settles.end(),
                                         [&](const Span* settle) { return settle->start_ns <= last.end_ns; });
  const std::int64_t until_ns = std::max(passed_ns(of).value_or(0), last.end_ns);
  const std::string why = is_before_end ? "" : why_absence_proves_nothing(of, until_ns);
  Verdict verdict{.state = State::kCommittedBeforeProcessing,
                  .cause = "process_ended",
                  .confidence = of.group.coverage.dropped == 0 ? Confidence::kProved : Confidence::kLikely,
                  .text = "It was committed, and " + member_of(last) + " ended before it had processed it.",
                  .evidence = {{"the end of its processing was not seen", ref_of(last)}},
                  .missing = {}};
  add_commit(of, verdict.evidence);
  if (why.empty()) return verdict;
  verdict.state = State::kUnknown;
  verdict.confidence = Confidence::kUnknown;
  verdict.text = "The end of its processing was not seen, and the group went on.";
  verdict.missing = {"whether another member processed it: " + why};
  return verdict;
}

std::optional<Verdict> failed(const Case& of) {
  const auto found =
      std::find_if(of.group.processes.rbegin(), of.group.processes.rend(),
                   [](const Span* process) { return process->failed && !process->unfinished; });
  if (found == of.group.processes.rend()) return std::nullopt;
  const Span& last = **found;
  const std::string error = last.error_type.empty() ? "an error" : last.error_type;
  Verdict verdict{.state = State::kFailed,
                  .cause = last.error_type,
                  .confidence = Confidence::kLikely,
                  .text = "Its processing ended with " + error + ".",
                  .evidence = {{member_of(last) + " failed with " + error, ref_of(last)}},
                  .missing = {}};
  add_commit(of, verdict.evidence);
  const auto passed = passed_ns(of);
  if (is_committed(of)) verdict.text += " The group went on: nobody will try it again.";
  if (is_known_uncommitted(of))
    verdict.text += " It is not committed: the group gets it again after a restart.";
  const std::string why =
      passed ? why_absence_proves_nothing(of, *passed) : "the group is not known to have gone on";
  if (why.empty()) {
    verdict.confidence = Confidence::kProved;
  } else {
    verdict.missing.push_back("whether it was tried again: " + why);
  }
  return verdict;
}

std::optional<Verdict> begun_and_not_committed(const Case& of) {
  if (of.group.processes.empty()) return std::nullopt;
  const Span& last = *of.group.processes.back();
  Verdict verdict{.state = State::kUnknown,
                  .cause = "process_ended",
                  .confidence = Confidence::kUnknown,
                  .text = "The end of its processing was not seen.",
                  .evidence = {{member_of(last) + " began to process it", ref_of(last)}},
                  .missing = {}};
  add_commit(of, verdict.evidence);
  if (!is_known_uncommitted(of)) {
    verdict.missing = {"whether the group has committed it"};
    return verdict;
  }
  verdict.state = State::kPending;
  verdict.confidence = Confidence::kLikely;
  verdict.text = "The end of its processing was not seen; it is not committed, so the group gets it again.";
  return verdict;
}

// ── … it was handed over, and no processing is seen ──

std::optional<Verdict> received_twice(const Case& of) {
  const auto& receives = of.group.receives;
  if (receives.size() < 2 || of.group.shows_processing) return std::nullopt;
  return Verdict{.state = State::kDuplicated,
                 .cause = "received_again",
                 .confidence = Confidence::kLikely,
                 .text = "It was handed over " + std::to_string(receives.size()) + " times.",
                 .evidence = grounds_of(receives, "got it"),
                 .missing = {"spans of its processing"}};
}

std::optional<Verdict> in_progress(const Case& of) {
  const bool may_be = !of.group.receives.empty() && of.group.shows_processing && !is_committed(of) &&
                      of.group.passage.span == nullptr;
  if (!may_be) return std::nullopt;
  Verdict verdict{.state = State::kInProgress,
                  .cause = "",
                  .confidence = Confidence::kLikely,
                  .text = "It was handed over, and its processing has not ended.",
                  .evidence = grounds_of(of.group.receives, "got it"),
                  .missing = {}};
  add_commit(of, verdict.evidence);
  if (!of.group.committed) verdict.missing.emplace_back("what the group has committed");
  return verdict;
}

std::optional<Verdict> received(const Case& of) {
  if (of.group.receives.empty()) return std::nullopt;
  Verdict verdict{.state = State::kReceived,
                  .cause = is_committed(of) ? "committed" : "",
                  .confidence = Confidence::kProved,
                  .text = is_committed(of) ? "It was handed over and committed." : "It was handed over.",
                  .evidence = grounds_of(of.group.receives, "got it"),
                  .missing = {"a span of its processing"}};
  add_commit(of, verdict.evidence);
  return verdict;
}

constexpr std::array<Rule, 8> kRules = {
    duplicated,  processed, committed_before_processing, failed, begun_and_not_committed, received_twice,
    in_progress, received,
};

}  // namespace

std::optional<Verdict> judge_what_was_done(const Case& of) {
  for (const Rule rule : kRules) {
    if (auto verdict = rule(of)) return verdict;
  }
  return std::nullopt;
}

}  // namespace waybill::analysis
