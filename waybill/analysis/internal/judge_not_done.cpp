#include <algorithm>
#include <array>

#include "waybill/analysis/internal/group_case.h"

namespace waybill::analysis {
namespace {

using evidence::Presence;

using Rule = std::optional<Verdict> (*)(const Case&);

// ── The rules: nothing says that the group got it ──

std::optional<Verdict> fate_for_all(const Case& of) {
  switch (of.fate.state) {
    case State::kNeverSent:
    case State::kAmbiguous:
    case State::kAborted:
    case State::kLostByBroker:
      return of.fate;
    case State::kUnknown:
      // What is not there nobody waits for.
      if (of.fate.cause.empty() || of.fate.cause == "not_replicated_yet") return std::nullopt;
      return of.fate;
    default:
      return std::nullopt;
  }
}

bool is_before_log(const Case& of) {
  const bool says_log = of.facts.log && of.facts.log->start > of.facts.place.offset;
  return of.facts.place.is_exact() && (says_log || of.facts.evidence->presence == Presence::kBeforeStart);
}

bool is_compacted_away(const Case& of) {
  return of.facts.evidence->presence == Presence::kNotReadable &&
         of.facts.evidence->is_compacted.value_or(false);
}

// Whether the message was still in the log when the group had gone on behind it. Where a log begins says
// nothing of what was compacted away behind its beginning.
bool was_there_when_passed(const Case& of) {
  if (is_compacted_away(of)) return false;
  const auto passed = passed_ns(of);
  const auto& logs = of.facts.evidence->logs;
  return passed && std::any_of(logs.begin(), logs.end(), [&](const evidence::PartitionLog& log) {
           const bool is_ours =
               log.topic == of.facts.place.topic && log.partition == of.facts.place.partition;
           return is_ours && log.start >= 0 && log.start <= of.facts.place.offset && log.asked_ns >= *passed;
         });
}

// Why it may have been read before it was gone: by a group that still stands before it until now, because
// clients get messages from the brokers before they hand them over; by one that is behind it until it had
// passed.
std::string why_it_may_have_been_read(const Case& of) {
  if (of.fate.state != State::kAcknowledged) return "nothing says that a message was there";
  return is_known_uncommitted(of) ? why_absence_proves_nothing(of)
                                  : why_absence_proves_nothing(of, *passed_ns(of));
}

// Gone before the group had come so far.
std::optional<Verdict> expired(const Case& of) {
  const bool is_compacted = is_compacted_away(of);
  if ((!is_before_log(of) && !is_compacted) || was_there_when_passed(of)) return std::nullopt;
  if (!passed_ns(of) && !is_known_uncommitted(of)) return std::nullopt;
  Verdict verdict{.state = State::kExpired,
                  .cause = is_compacted ? "compaction" : "retention",
                  .confidence = is_known_uncommitted(of) ? Confidence::kProved : Confidence::kLikely,
                  .text = "It was gone from the log before the group had read it.",
                  .evidence = {},
                  .missing = {}};
  verdict.evidence.push_back({is_compacted ? "a broker has nothing to read at its offset"
                                           : "a broker says that the log begins behind it",
                              {}});
  add_commit(of, verdict.evidence);
  if (is_compacted && !is_known_uncommitted(of))
    verdict.missing = {"when it was compacted away: the group may have gone past it before that"};
  const std::string why = why_it_may_have_been_read(of);
  if (why.empty()) return verdict;
  verdict.state = State::kUnknown;
  verdict.confidence = Confidence::kUnknown;
  verdict.text = "It is gone from the log, and nothing says whether the group had read it.";
  verdict.missing = {"whether the group had got it: " + why};
  return verdict;
}

// The cause of a message that the brokers do not give away yet; empty: they do.
std::string why_nobody_can_read_it(const Case& of) {
  if (of.fate.cause == "not_replicated_yet") return of.fate.cause;
  const auto& log = of.facts.log;
  const bool is_behind_stable_end = log && log->stable_end >= 0 && log->stable_end <= of.facts.place.offset;
  return is_behind_stable_end && log->end > of.facts.place.offset ? "open_transaction" : "";
}

std::optional<Verdict> pending(const Case& of) {
  if (!is_known_uncommitted(of)) return std::nullopt;
  Verdict verdict{.state = State::kPending,
                  .cause = "",
                  .confidence = Confidence::kProved,
                  .text = "The group has not come to it yet.",
                  .evidence = {},
                  .missing = {}};
  add_commit(of, verdict.evidence);
  verdict.cause = why_nobody_can_read_it(of);
  if (of.group.passage.span != nullptr) {
    verdict.cause = "passed_without_commit";
    verdict.text = "The group went on without it; it is not committed, so the group gets it after a restart.";
    verdict.evidence.push_back({"a later message was handed over", ref_of(*of.group.passage.span)});
  }
  const bool begins_where_reset_says = of.group.committed->offset < 0;
  if (begins_where_reset_says)
    verdict.missing.emplace_back("where the group begins when it has committed nothing");
  const std::string why = why_absence_proves_nothing(of);
  if (!why.empty()) verdict.missing.push_back("whether it was handed over without a commit: " + why);
  if (!verdict.missing.empty() || of.group.passage.span != nullptr) verdict.confidence = Confidence::kLikely;
  return verdict;
}

// A member that goes on elsewhere was told to, or its offset was out of the log; a new one begins where the
// group's offset or auto.offset.reset says.
std::string cause_of_skip(const Case& of) {
  const Passage& passage = of.group.passage;
  if (passage.span == nullptr) return "offsets_set";
  return is_by_one_member(passage) ? "seek" : "reset";
}

std::optional<Verdict> skipped(const Case& of) {
  const auto passed = passed_ns(of);
  if (!passed) return std::nullopt;
  // What is not known to be a message may be the end of a transaction.
  if (of.fate.state != State::kAcknowledged || !why_absence_proves_nothing(of, *passed).empty())
    return std::nullopt;
  Verdict verdict{.state = State::kSkipped,
                  .cause = cause_of_skip(of),
                  .confidence = Confidence::kLikely,
                  .text = "The group went past it and never got it.",
                  .evidence = {},
                  .missing = {}};
  if (of.group.passage.span != nullptr) {
    verdict.evidence.push_back({"offset " + std::to_string(of.group.passage.offset) + " was handed over",
                                ref_of(*of.group.passage.span)});
  }
  verdict.evidence.push_back({"each message that the group got has a span, and this one has none", {}});
  add_commit(of, verdict.evidence);
  if (is_committed(of)) {
    verdict.confidence = Confidence::kProved;
  } else {
    verdict.missing.emplace_back("what the group has committed");
  }
  return verdict;
}

std::optional<Verdict> not_come_to(const Case& of) {
  const bool stands_before =
      of.facts.place.is_exact() && !passed_ns(of) && of.group.passage.before != nullptr;
  if (!stands_before || !why_absence_proves_nothing(of).empty()) return std::nullopt;
  return Verdict{.state = State::kPending,
                 .cause = "",
                 .confidence = Confidence::kLikely,
                 .text = "The group has not come to it yet.",
                 .evidence = {{"offset " + std::to_string(of.group.passage.before_offset) +
                                   " was handed over, and nothing behind it",
                               ref_of(*of.group.passage.before)}},
                 .missing = {"what the group has committed"}};
}

Verdict unknown(const Case& of) {
  const auto passed = passed_ns(of);
  const std::string why = passed ? why_absence_proves_nothing(of, *passed) : why_absence_proves_nothing(of);
  Verdict verdict{.state = State::kUnknown,
                  .cause = "",
                  .confidence = Confidence::kUnknown,
                  .text = "Nothing says that the group got it.",
                  .evidence = {},
                  .missing = {}};
  if (passed) verdict.text = "The group went past it, and nothing says whether it got it.";
  add_commit(of, verdict.evidence);
  if (!why.empty()) verdict.missing.push_back("all spans of the group: " + why);
  if (!passed) verdict.missing.emplace_back("what the group has committed");
  return verdict;
}

constexpr std::array<Rule, 5> kRules = {fate_for_all, expired, pending, skipped, not_come_to};

}  // namespace

Verdict judge_what_was_not_done(const Case& of) {
  for (const Rule rule : kRules) {
    if (auto verdict = rule(of)) return *std::move(verdict);
  }
  return unknown(of);
}

}  // namespace waybill::analysis
