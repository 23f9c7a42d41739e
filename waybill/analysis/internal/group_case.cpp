#include "waybill/analysis/internal/group_case.h"

#include <algorithm>

namespace waybill::analysis {
namespace {

using evidence::Span;

std::optional<Ground> ground_of_commit(const Case& of) {
  if (!of.group.settles.empty()) {
    const Span& settle = *of.group.settles.front();
    return Ground{member_of(settle) + " committed offset " + std::to_string(settle.place.offset),
                  ref_of(settle)};
  }
  if (!of.group.committed) return std::nullopt;
  if (of.group.committed->offset < 0) return Ground{"a broker says that the group has committed nothing", {}};
  return Ground{
      "a broker says that the group goes on from offset " + std::to_string(of.group.committed->offset), {}};
}

bool says_broker_behind(const Case& of) {
  return of.group.committed && of.group.committed->offset > of.facts.place.offset;
}

// Since when the group could have got the message; a message that it got before it in the same partition will
// do, if the send is not known.
std::optional<std::int64_t> begin_ns(const Case& of) {
  if (of.facts.send.span != nullptr) return of.facts.send.span->start_ns;
  if (of.group.passage.before != nullptr) return of.group.passage.before->start_ns;
  return std::nullopt;
}

// Whether by then one member went from before the message to behind it, so soon that no other one can have
// had the partition in between.
bool has_jumped_by(const Case& of, std::int64_t until_ns) {
  constexpr std::int64_t kTooSoonForOthersNs = 1'000'000'000;
  const Passage& passage = of.group.passage;
  if (passage.span == nullptr || passage.before == nullptr || until_ns > passage.span->start_ns) return false;
  return is_by_one_member(passage) && passage.span->start_ns - passage.before->end_ns <= kTooSoonForOthersNs;
}

std::string why_others_may_have(const GroupFacts& group) {
  return group.all_members_traced ? "it has members without telemetry"
                                  : "no broker was asked whether all of its members have telemetry";
}

}  // namespace

bool is_by_one_member(const Passage& passage) {
  const bool is_known = passage.before != nullptr && passage.span != nullptr;
  return is_known && passage.before->instance == passage.span->instance &&
         passage.before->service == passage.span->service;
}

std::string member_of(const Span& span) { return span.service.empty() ? "a member" : span.service; }

bool is_committed(const Case& of) {
  if (!of.facts.place.is_exact() || is_known_uncommitted(of)) return false;
  return says_broker_behind(of) || !of.group.settles.empty();
}

bool is_known_uncommitted(const Case& of) {
  if (!of.facts.place.is_exact() || !of.group.committed || says_broker_behind(of)) return false;
  const auto is_newer = [&](const Span* settle) { return settle->start_ns > of.group.committed->asked_ns; };
  return std::none_of(of.group.settles.begin(), of.group.settles.end(), is_newer);
}

std::optional<std::int64_t> passed_ns(const Case& of) {
  std::optional<std::int64_t> first;
  const auto take = [&](std::int64_t time_ns) { first = std::min(first.value_or(time_ns), time_ns); };
  if (of.group.passage.span != nullptr) take(of.group.passage.span->start_ns);
  if (!of.group.settles.empty()) take(of.group.settles.front()->start_ns);
  if (says_broker_behind(of)) take(of.group.committed->asked_ns);
  return of.facts.place.is_exact() ? first : std::nullopt;
}

std::string why_absence_proves_nothing(const Case& of, std::int64_t until_ns) {
  const auto from_ns = begin_ns(of);
  if (!from_ns) return "it is not known when the message was sent";
  std::string why = why_not_whole_between(of.group.coverage, *from_ns, until_ns);
  if (!why.empty()) return why;
  const bool may_be_nameless = of.group.nameless_ns && *of.group.nameless_ns <= of.group.coverage.until_ns;
  if (may_be_nameless) return "a batch does not say which messages it held";
  return of.group.all_members_traced.value_or(false) || has_jumped_by(of, until_ns)
             ? ""
             : why_others_may_have(of.group);
}

std::string why_absence_proves_nothing(const Case& of) {
  const std::int64_t until_ns = of.group.coverage.until_ns;
  const std::int64_t now_ns = of.facts.evidence->now_ns;
  const bool is_silent = now_ns - until_ns >= of.facts.evidence->longest_silence_ns;
  return why_absence_proves_nothing(of, is_silent ? std::min(until_ns, now_ns) : now_ns);
}

void add_commit(const Case& of, std::vector<Ground>& grounds) {
  if (auto commit = ground_of_commit(of)) grounds.push_back(*std::move(commit));
}

}  // namespace waybill::analysis
