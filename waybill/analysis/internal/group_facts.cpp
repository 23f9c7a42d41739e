#include "waybill/analysis/internal/group_facts.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "waybill/analysis/internal/delivered.h"

namespace waybill::analysis {
namespace {

using evidence::Operation;
using evidence::Span;

constexpr std::int64_t kClocksDisagreeNs = 60'000'000'000;  // by no more than this, is assumed

enum class Relation : std::uint8_t { kOther, kOurs, kMayBeOurs };

bool any_in(const std::vector<SpanRef>& refs, const std::vector<SpanRef>& others) {
  return std::any_of(refs.begin(), refs.end(), [&](const SpanRef& ref) {
    return std::find(others.begin(), others.end(), ref) != others.end();
  });
}

// Another message that was given the same place carries the context of its own send.
bool is_of_other_send(const MessageFacts& facts, const Delivered& message) {
  for (const Span* other : {facts.send.successor, facts.send.predecessor}) {
    if (other != nullptr && any_in(message.sent, {ref_of(*other)})) return true;
  }
  return false;
}

Relation relate(const MessageFacts& facts, const Delivered& message) {
  if (message.place.is_exact() && facts.place.is_exact()) {
    if (message.place != facts.place) return Relation::kOther;
    return is_of_other_send(facts, message) ? Relation::kOther : Relation::kOurs;
  }
  if (any_in(message.sent, facts.contexts)) return Relation::kOurs;
  const bool is_elsewhere = message.place.topic != facts.place.topic ||
                            (message.place.partition >= 0 && facts.place.partition >= 0 &&
                             message.place.partition != facts.place.partition);
  if (is_elsewhere) return Relation::kOther;
  // It may carry a context of the application's own, which only the send knows.
  const bool is_told_apart = !message.sent.empty() && !facts.contexts.empty() && facts.send.span != nullptr;
  return is_told_apart ? Relation::kOther : Relation::kMayBeOurs;
}

// Two spans of one member that overlap are one attempt, seen by two layers of a program.
bool is_same_attempt(const Span& earlier, const Span& later) {
  if (parent_of(later) == ref_of(earlier)) return true;
  const bool is_same_member = earlier.instance == later.instance && earlier.service == later.service;
  return is_same_member && later.start_ns < earlier.end_ns;
}

void add_attempt(std::vector<const Span*>& attempts, const Span* span) {
  for (const Span*& attempt : attempts) {
    if (!is_same_attempt(*attempt, *span)) continue;
    // What is said of this message alone is more than what is said of its batch.
    if (attempt->messages > 1 && span->messages <= 1) attempt = span;
    return;
  }
  attempts.push_back(span);
}

class GroupGatherer {
 public:
  GroupGatherer(const MessageFacts& facts, const SpanIndex& index) : facts_(facts) {
    for (const GroupEvidence& known : facts.evidence->groups) add_known(known);
    spans_ = index.all();
    std::stable_sort(spans_.begin(), spans_.end(),
                     [](const Span* left, const Span* right) { return left->start_ns < right->start_ns; });
  }

  std::vector<GroupFacts> gather() {
    for (const Span* span : spans_) {
      if (span->operation == Operation::kSettle) add_settle(*span);
      if (is_consumer(*span)) add_consumer(*span);
    }
    for (const Span* span : spans_) add_passage(*span);
    std::vector<GroupFacts> groups;
    for (auto& [name, group] : groups_) groups.push_back(std::move(group));
    return groups;
  }

 private:
  void add_known(const GroupEvidence& known) {
    GroupFacts& group = group_of(known.group);
    group.coverage = known.coverage;
    group.all_members_traced = known.all_members_traced;
    for (const evidence::CommittedOffset& answer : known.committed) {
      if (answer.topic != facts_.place.topic || answer.partition != facts_.place.partition) continue;
      if (!group.committed || group.committed->asked_ns < answer.asked_ns) group.committed = answer;
    }
  }

  GroupFacts& group_of(const std::string& name) {
    GroupFacts& group = groups_[name];
    group.group = name;
    return group;
  }

  void add_consumer(const Span& span) {
    Relation relation = names_all(span) || span.place.topic != facts_.place.topic || is_before_send(span)
                            ? Relation::kOther
                            : Relation::kMayBeOurs;
    for (const Delivered& message : delivered_by(span)) {
      const Relation one = relate(facts_, message);
      if (one == Relation::kOurs) relation = one;
      if (one == Relation::kMayBeOurs && relation == Relation::kOther && !is_before_send(span))
        relation = one;
    }
    if (relation == Relation::kOther && span.place.topic != facts_.place.topic) return;
    add_related(span, relation);
  }

  void add_related(const Span& span, Relation relation) {
    GroupFacts& group = group_of(span.group);
    const bool is_processing = span.operation == Operation::kProcess;
    group.shows_processing |= is_processing;
    if (relation == Relation::kMayBeOurs && !group.nameless_ns) group.nameless_ns = span.start_ns;
    if (relation != Relation::kOurs) return;
    if (is_processing) {
      add_attempt(group.processes, &span);
    } else {
      group.receives.push_back(&span);
    }
  }

  // For sure, even if clocks disagree.
  bool is_before_send(const Span& span) const {
    return facts_.send.span != nullptr && span.end_ns + kClocksDisagreeNs < facts_.send.span->start_ns;
  }

  // A commit names the last record that it settles.
  void add_settle(const Span& span) {
    const bool covers = !span.failed && facts_.place.is_exact() && span.place.topic == facts_.place.topic &&
                        span.place.partition == facts_.place.partition &&
                        span.place.offset >= facts_.place.offset;
    if (covers) group_of(span.group).settles.push_back(&span);
  }

  void add_passage(const Span& span) {
    if (!is_consumer(span) || !facts_.place.is_exact()) return;
    for (const Delivered& message : delivered_by(span)) {
      const bool is_same_partition = message.place.is_exact() && message.place.topic == facts_.place.topic &&
                                     message.place.partition == facts_.place.partition;
      if (is_same_partition) add_to_passage(span, message.place.offset, group_of(span.group).passage);
    }
  }

  // Spans come in the order of time.
  void add_to_passage(const Span& span, std::int64_t offset, Passage& passage) const {
    if (passage.span != nullptr) return;
    if (offset > facts_.place.offset && !is_before_send(span)) {
      passage.span = &span;
      passage.offset = offset;
    } else if (offset < facts_.place.offset) {
      passage.before = &span;
      passage.before_offset = offset;
    }
  }

  const MessageFacts& facts_;
  std::vector<const Span*> spans_;
  std::map<std::string, GroupFacts> groups_;
};

}  // namespace

std::vector<GroupFacts> gather_groups(const MessageFacts& facts, const SpanIndex& index) {
  return GroupGatherer(facts, index).gather();
}

}  // namespace waybill::analysis
