#include <array>

#include "waybill/analysis/internal/judge.h"
#include "waybill/analysis/internal/send_error.h"

namespace waybill::analysis {
namespace {

using evidence::Presence;
using evidence::Span;

using Rule = std::optional<Verdict> (*)(const MessageFacts&);

// A broker is asked by one clock, and the send was timed by another one.
constexpr std::int64_t kClockSlackNs = 5'000'000'000;

SendFate fate_of(const Span& send) {
  const bool has_no_error_name = send.failed && send.error_type.empty();
  return fate_of_send(has_no_error_name ? "_OTHER" : std::string_view(send.error_type), send.persistence);
}

bool is_acknowledged(const Span& send) {
  const bool has_answer = !send.unfinished && send.acks.value_or(1) != 0;
  return has_answer && fate_of(send).end == SendEnd::kAcknowledged;
}

Ground ground_of_send(const Span& send) {
  if (!send.error_type.empty())
    return {send.service + " ended its send with " + send.error_type, ref_of(send)};
  if (send.failed) return {send.service + " says that its send failed", ref_of(send)};
  if (send.unfinished) return {"the end of the send by " + send.service + " was not seen", ref_of(send)};
  std::string text = send.service + " sent it without an error";
  if (send.place.is_exact()) text = send.service + " was told that it is " + text_of(send.place);
  if (send.acks) text += ", with acks=" + (*send.acks < 0 ? "all" : std::to_string(*send.acks));
  return {text, ref_of(send)};
}

// ── The rules ──

// The client or a broker said no, and nobody got it.
std::optional<Verdict> never_sent(const MessageFacts& facts) {
  const Span* send = facts.send.span;
  if (send == nullptr || send->unfinished || was_received(facts)) return std::nullopt;
  const SendFate fate = fate_of(*send);
  const bool is_sure = fate.end == SendEnd::kRejected || fate.end == SendEnd::kRefused;
  if (!is_sure) return std::nullopt;
  const bool is_client = fate.end == SendEnd::kRejected;
  return Verdict{.state = State::kNeverSent,
                 .cause = fate.cause,
                 .confidence = Confidence::kProved,
                 .text = is_client ? "It never left the client of " + send->service + "."
                                   : "A broker refused what " + send->service + " sent.",
                 .evidence = {ground_of_send(*send)},
                 .missing = {}};
}

// Its offset was given to a later message: the log was cut behind it. Two clusters with one name of a topic
// look the same, so it counts only where each group that reads the topic is seen whole and did not get it.
std::optional<Verdict> place_was_given_again(const MessageFacts& facts) {
  const SendFacts& send = facts.send;
  if (send.successor == nullptr || was_received(facts) || !is_acknowledged(*send.span)) return std::nullopt;
  Verdict verdict{.state = State::kUnknown,
                  .cause = "offset_given_again",
                  .confidence = Confidence::kUnknown,
                  .text = text_of(facts.place) + " was later given to another message.",
                  .evidence = {ground_of_send(*send.span), ground_of_send(*send.successor)},
                  .missing = {}};
  for (const GroupFacts& group : facts.groups) {
    std::string why = why_not_whole_between(group.coverage, send.span->start_ns, send.successor->start_ns);
    if (why.empty() && !group.all_members_traced.value_or(false)) why = "not all of its members are known";
    if (!why.empty()) verdict.missing.push_back("group " + group.group + " may have got it: " + why);
  }
  if (facts.groups.empty()) verdict.missing.emplace_back("no group is known that reads the topic");
  if (!verdict.missing.empty()) return verdict;
  verdict.state = State::kLostByBroker;
  verdict.confidence = Confidence::kLikely;
  return verdict;
}

std::optional<Verdict> aborted_says_broker(const MessageFacts& facts) {
  if (facts.evidence->presence != Presence::kAborted) return std::nullopt;
  return Verdict{.state = State::kAborted,
                 .cause = "transaction",
                 .confidence = Confidence::kProved,
                 .text = "It stands in the log, and its transaction was aborted.",
                 .evidence = {{"a broker gives it to those alone who read what is not committed", {}}},
                 .missing = {}};
}

std::optional<Verdict> aborted_says_producer(const MessageFacts& facts) {
  const Span* transaction = facts.send.transaction;
  if (transaction == nullptr || transaction->outcome != "aborted") return std::nullopt;
  return Verdict{.state = State::kAborted,
                 .cause = "transaction",
                 .confidence = Confidence::kProved,
                 .text = "Its transaction was aborted by " + transaction->service + ".",
                 .evidence = {{"the transaction ended as aborted", ref_of(*transaction)}},
                 .missing = {}};
}

std::optional<Verdict> ambiguous_send(const MessageFacts& facts) {
  const Span* send = facts.send.span;
  const bool is_seen = facts.evidence->presence == Presence::kReadable || was_received(facts);
  if (send == nullptr || is_seen || is_acknowledged(*send)) return std::nullopt;
  std::string cause = fate_of(*send).cause;
  if (cause.empty()) cause = send->unfinished ? "process_ended" : "no_acknowledgement_asked_for";
  return Verdict{.state = State::kAmbiguous,
                 .cause = cause,
                 .confidence = Confidence::kProved,
                 .text = "Nobody knows whether a broker has it.",
                 .evidence = {ground_of_send(*send)},
                 .missing = {"a broker's answer, or a consumer that got it"}};
}

std::optional<Verdict> transaction_in_doubt(const MessageFacts& facts) {
  const Span* transaction = facts.send.transaction;
  const bool is_seen = facts.evidence->presence == Presence::kReadable || was_received(facts);
  if (transaction == nullptr || is_seen || transaction->outcome == "committed") return std::nullopt;
  return Verdict{.state = State::kAmbiguous,
                 .cause = transaction->error_type.empty() ? "transaction_without_end" : "transaction_failed",
                 .confidence = Confidence::kProved,
                 .text = "Nobody knows how its transaction ended.",
                 .evidence = {ground_of_send(*facts.send.span),
                              {"the transaction's outcome is not known", ref_of(*transaction)}},
                 .missing = {"whether a broker gives it to those who read what is committed"}};
}

// When a broker said that the log ends before the message, if the newest answer says so.
std::optional<std::int64_t> asked_beyond_end(const MessageFacts& facts) {
  const bool log_ends_before = facts.log && facts.log->end >= 0 && facts.log->end <= facts.place.offset;
  const bool is_behind = facts.evidence->presence == Presence::kBehindEnd;
  if (facts.log && facts.log->asked_ns >= facts.evidence->presence_asked_ns) {
    return log_ends_before ? std::optional(facts.log->asked_ns) : std::nullopt;
  }
  return is_behind ? std::optional(facts.evidence->presence_asked_ns) : std::nullopt;
}

// The log is shorter than what was acknowledged. A message that only its leader has is not seen until it is
// replicated, so with acks=1 that is no loss before the time that replication may take.
std::optional<Verdict> log_is_too_short(const MessageFacts& facts) {
  const Span* send = facts.send.span;
  if (send == nullptr || !facts.place.is_exact() || send->place != facts.place) return std::nullopt;
  const auto asked_ns = asked_beyond_end(facts);
  if (!asked_ns || !is_acknowledged(*send)) return std::nullopt;
  const bool is_replicated = send->acks && *send->acks < 0;
  const std::int64_t grace_ns = kClockSlackNs + (is_replicated ? 0 : facts.evidence->longest_replication_ns);
  Verdict verdict{.state = State::kLostByBroker,
                  .cause = "log_too_short",
                  .confidence = Confidence::kProved,
                  .text = "A broker acknowledged it, and the log ends before it.",
                  .evidence = {ground_of_send(*send), {"a broker says that the log ends before it", {}}},
                  .missing = {}};
  if (*asked_ns >= send->end_ns + grace_ns) return verdict;
  verdict.state = State::kUnknown;
  verdict.cause = "not_replicated_yet";
  verdict.confidence = Confidence::kUnknown;
  verdict.text = "A broker acknowledged it, and it cannot be read yet.";
  verdict.missing = {"a broker's answer from later than the brokers need to replicate"};
  return verdict;
}

// Between the log's start and its end, and nobody can read it.
std::optional<Verdict> hole_in_log(const MessageFacts& facts) {
  const Span* send = facts.send.span;
  if (facts.evidence->presence != Presence::kNotReadable) return std::nullopt;
  Verdict verdict{.state = State::kUnknown,
                  .cause = "not_readable",
                  .confidence = Confidence::kUnknown,
                  .text = "No message can be read at " + text_of(facts.place) + ".",
                  .evidence = {{"a broker has nothing to read at its offset", {}}},
                  .missing = {}};
  if (send == nullptr) {
    verdict.missing = {"a span of its send: the offset may be that of a transaction's end"};
    return was_received(facts) ? std::nullopt : std::optional(verdict);
  }
  verdict.evidence.push_back(ground_of_send(*send));
  if (facts.evidence->is_compacted.value_or(true)) {
    // Compaction is what such a topic is for. Groups that passed it before have their own verdicts.
    if (was_received(facts) || facts.evidence->is_compacted) return std::nullopt;
    verdict.missing = {"whether the topic is compacted"};
    return verdict;
  }
  if (!is_acknowledged(*send) || send->place != facts.place) return std::nullopt;
  verdict.state = State::kLostByBroker;
  verdict.confidence = Confidence::kLikely;
  verdict.text = "A broker acknowledged it, and it cannot be read any more.";
  verdict.missing = {"whether the topic was compacted before"};
  return verdict;
}

std::optional<Verdict> not_written(const MessageFacts& facts) {
  if (facts.send.span != nullptr || was_received(facts) || !asked_beyond_end(facts)) return std::nullopt;
  return Verdict{.state = State::kUnknown,
                 .cause = "not_written",
                 .confidence = Confidence::kUnknown,
                 .text = "The log does not reach to " + text_of(facts.place) + ".",
                 .evidence = {{"a broker says that the log ends before it", {}}},
                 .missing = {"a span of its send, if there was one"}};
}

bool is_gone(const MessageFacts& facts) {
  const bool says_log = facts.log && facts.place.is_exact() && facts.log->start > facts.place.offset;
  return says_log || facts.evidence->presence == Presence::kBeforeStart;
}

// It is in the log, or was there for somebody to read.
std::optional<Verdict> acknowledged(const MessageFacts& facts) {
  Verdict verdict{.state = State::kAcknowledged,
                  .cause = "",
                  .confidence = Confidence::kProved,
                  .text = "A broker has it.",
                  .evidence = {},
                  .missing = {}};
  const Span* send = facts.send.span;
  if (send != nullptr && is_acknowledged(*send)) verdict.evidence.push_back(ground_of_send(*send));
  if (facts.evidence->presence == Presence::kReadable) {
    verdict.evidence.push_back({"a broker says that it can be read", {}});
  }
  if (was_received(facts)) verdict.evidence.push_back({"a consumer got it", {}});
  if (verdict.evidence.empty()) return std::nullopt;
  if (is_gone(facts)) {
    verdict.cause = "gone";
    verdict.text = "A broker had it; it is gone from the log.";
  }
  if (send == nullptr) verdict.missing.emplace_back("a span of its send");
  return verdict;
}

constexpr std::array<Rule, 10> kRules = {
    never_sent,           place_was_given_again, aborted_says_broker, aborted_says_producer, ambiguous_send,
    transaction_in_doubt, log_is_too_short,      hole_in_log,         not_written,           acknowledged,
};

}  // namespace

Verdict judge_send(const MessageFacts& facts) {
  for (const Rule rule : kRules) {
    if (auto verdict = rule(facts)) return *std::move(verdict);
  }
  return {.state = State::kUnknown,
          .cause = "",
          .confidence = Confidence::kUnknown,
          .text = "Nothing that is known tells what became of it.",
          .evidence = {},
          .missing = {"a span of its send, or a broker that may be asked"}};
}

std::string text_of(const evidence::Place& place) {
  const auto number = [](std::int64_t value) { return value < 0 ? std::string("?") : std::to_string(value); };
  return (place.topic.empty() ? "?" : place.topic) + "/" + number(place.partition) + "@" +
         number(place.offset);
}

}  // namespace waybill::analysis
