#include "waybill/analysis/internal/message_facts.h"

#include <algorithm>
#include <map>

#include "waybill/analysis/internal/delivered.h"
#include "waybill/analysis/internal/group_facts.h"

namespace waybill::analysis {
namespace {

using evidence::Operation;
using evidence::Place;
using evidence::Span;

bool contains(const std::vector<SpanRef>& refs, const SpanRef& ref) {
  return std::find(refs.begin(), refs.end(), ref) != refs.end();
}

// Finds the send and everything that names the message.
class SendFinder {
 public:
  SendFinder(const MessageEvidence& evidence, const SpanIndex& index) : index_(index) {
    facts_.evidence = &evidence;
    facts_.place = evidence.place;
  }

  MessageFacts find() {
    const SpanRef& asked = facts_.evidence->context;
    if (asked.valid()) adopt_context(asked);
    if (facts_.send.span == nullptr) adopt_send(newest_send_at(facts_.place));
    if (!facts_.place.is_exact()) facts_.place = place_by_consumers();
    if (facts_.contexts.empty()) adopt_contexts_of_consumers();
    find_other_sends();
    facts_.send.transaction = find_transaction();
    facts_.key = find_key();
    return std::move(facts_);
  }

 private:
  void adopt_context(const SpanRef& context) {
    const Span* span = index_.find(context);
    if (span != nullptr && is_producer(*span)) {
      adopt_send(span);
      return;
    }
    facts_.contexts.push_back(context);
    // A context of the application's own, to which the send links.
    for (const Span* other : index_.all()) {
      if (is_producer(*other) && is_of_one_send(*other) && links_to(*other, context)) adopt_send(other);
    }
  }

  void adopt_send(const Span* span) {
    if (span == nullptr) return;
    facts_.send.span = span;
    if (!facts_.place.is_exact() && span->place.is_exact()) facts_.place = span->place;
    if (!is_of_one_send(*span)) return;
    facts_.contexts.push_back(ref_of(*span));
    if (span->kind != evidence::SpanKind::kClient) return;
    // It did not put its own context on the message.
    for (const evidence::Link& link : span->links) facts_.contexts.push_back(ref_of(link));
  }

  static bool links_to(const Span& span, const SpanRef& ref) {
    return std::any_of(span.links.begin(), span.links.end(),
                       [&](const evidence::Link& link) { return ref_of(link) == ref; });
  }

  const Span* newest_send_at(const Place& place) const {
    const Span* newest = nullptr;
    for (const Span* span : index_.all()) {
      if (!is_acknowledged_at(*span, place)) continue;
      if (newest == nullptr || newest->start_ns < span->start_ns) newest = span;
    }
    return newest;
  }

  static bool is_acknowledged_at(const Span& span, const Place& place) {
    return is_producer(span) && is_of_one_send(span) && !span.failed && place.is_exact() &&
           span.place == place;
  }

  Place place_by_consumers() const {
    for (const Span* span : index_.all()) {
      if (!is_consumer(*span)) continue;
      for (const Delivered& message : delivered_by(*span)) {
        if (message.place.is_exact() && carries_ours(message)) return message.place;
      }
    }
    Place place = facts_.place;
    if (facts_.send.span == nullptr) return place;
    if (place.topic.empty()) place.topic = facts_.send.span->place.topic;
    if (place.partition < 0) place.partition = facts_.send.span->place.partition;
    return place;
  }

  bool carries_ours(const Delivered& message) const {
    return std::any_of(message.sent.begin(), message.sent.end(),
                       [&](const SpanRef& ref) { return contains(facts_.contexts, ref); });
  }

  void adopt_contexts_of_consumers() {
    if (!facts_.place.is_exact()) return;
    for (const Span* span : index_.all()) {
      if (!is_consumer(*span)) continue;
      for (const Delivered& message : delivered_by(*span)) {
        if (message.place == facts_.place) adopt_contexts_of(message);
      }
    }
  }

  void adopt_contexts_of(const Delivered& message) {
    for (const SpanRef& ref : message.sent) {
      const Span* span = index_.find(ref);
      const bool may_be_its_send = span == nullptr || (is_producer(*span) && is_of_one_send(*span));
      if (!may_be_its_send || contains(facts_.contexts, ref)) continue;
      if (span != nullptr && facts_.send.span == nullptr && is_at_or_nowhere(*span)) {
        adopt_send(span);
      } else if (span == nullptr) {
        facts_.contexts.push_back(ref);
      }
    }
  }

  bool is_at_or_nowhere(const Span& span) const {
    return !span.place.is_exact() || span.place == facts_.place;
  }

  // Each offset is given once, unless a log was cut, or a topic was made anew.
  void find_other_sends() {
    const Span* ours = facts_.send.span;
    if (ours == nullptr) return;
    for (const Span* span : index_.all()) {
      if (span == ours || contains(facts_.contexts, ref_of(*span)) ||
          !is_acknowledged_at(*span, facts_.place))
        continue;
      if (span->start_ns >= ours->end_ns) facts_.send.successor = span;
      if (span->end_ns <= ours->start_ns) facts_.send.predecessor = span;
    }
  }

  const Span* find_transaction() const {
    const Span* send = facts_.send.span;
    if (send == nullptr) return nullptr;
    const Span* parent = as_transaction(parent_of(*send));
    if (parent != nullptr) return parent;
    for (const evidence::Link& link : send->links) {
      const Span* linked = as_transaction(ref_of(link));
      if (linked != nullptr) return linked;
    }
    return nullptr;
  }

  const Span* as_transaction(const SpanRef& ref) const {
    const Span* span = index_.find(ref);
    return span != nullptr && span->operation == Operation::kTransaction ? span : nullptr;
  }

  std::optional<std::string> find_key() const {
    if (facts_.send.span != nullptr && facts_.send.span->key) return facts_.send.span->key;
    for (const Span* span : index_.all()) {
      if (facts_.place.is_exact() && is_consumer(*span) && span->place == facts_.place && span->key)
        return span->key;
    }
    return std::nullopt;
  }

  const SpanIndex& index_;
  MessageFacts facts_;
};

std::optional<evidence::PartitionLog> newest_log(const MessageEvidence& evidence, const Place& place) {
  std::optional<evidence::PartitionLog> newest;
  for (const evidence::PartitionLog& log : evidence.logs) {
    if (log.topic != place.topic || log.partition != place.partition) continue;
    if (!newest || newest->asked_ns < log.asked_ns) newest = log;
  }
  return newest;
}

}  // namespace

MessageFacts gather_facts(const MessageEvidence& evidence, const SpanIndex& index) {
  MessageFacts facts = SendFinder(evidence, index).find();
  facts.log = newest_log(evidence, facts.place);
  facts.groups = gather_groups(facts, index);
  return facts;
}

bool was_received(const MessageFacts& facts) {
  return std::any_of(facts.groups.begin(), facts.groups.end(),
                     [](const GroupFacts& group) { return was_received(group); });
}

}  // namespace waybill::analysis
