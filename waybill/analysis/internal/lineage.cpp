#include "waybill/analysis/internal/lineage.h"

#include <unordered_set>

#include "waybill/analysis/internal/delivered.h"

namespace waybill::analysis {
namespace {

using evidence::Span;

constexpr std::size_t kMostNames = 1'000;

MessageName name_of_send(const Span& send) {
  return {.place = send.place, .key = send.key, .context = ref_of(send)};
}

// A ring of parents ends where it began.
const Span* consumer_above(const Span& send, const SpanIndex& index) {
  std::unordered_set<SpanRef, SpanRefHash> seen;
  const Span* span = index.find(parent_of(send));
  while (span != nullptr && seen.insert(ref_of(*span)).second) {
    if (is_consumer(*span)) return span;
    if (is_producer(*span)) return nullptr;
    span = index.find(parent_of(*span));
  }
  return nullptr;
}

MessageName name_of_delivered(const Delivered& message, const Span& consumer, const SpanIndex& index) {
  MessageName name{.place = message.place, .key = std::nullopt, .context = {}};
  if (consumer.messages <= 1) name.key = consumer.key;
  for (const SpanRef& ref : message.sent) {
    const Span* send = index.find(ref);
    if (send != nullptr && !is_producer(*send)) continue;
    name.context = ref;
    if (send != nullptr && send->key) name.key = send->key;
    if (send != nullptr && !name.place.is_exact() && send->place.is_exact()) name.place = send->place;
    break;
  }
  return name;
}

}  // namespace

std::vector<MessageName> find_origins(const MessageFacts& facts, const SpanIndex& index) {
  std::vector<MessageName> names;
  if (facts.send.span == nullptr) return names;
  const Span* consumer = consumer_above(*facts.send.span, index);
  if (consumer == nullptr) return names;
  for (const Delivered& message : delivered_by(*consumer)) {
    if (names.size() < kMostNames) names.push_back(name_of_delivered(message, *consumer, index));
  }
  return names;
}

std::vector<MessageName> find_results(const MessageFacts& facts, const SpanIndex& index) {
  std::vector<SpanRef> open;
  for (const GroupFacts& group : facts.groups) {
    for (const Span* span : group.receives) open.push_back(ref_of(*span));
    for (const Span* span : group.processes) open.push_back(ref_of(*span));
  }
  std::vector<MessageName> names;
  std::unordered_set<SpanRef, SpanRefHash> seen(open.begin(), open.end());
  while (!open.empty() && names.size() < kMostNames) {
    const SpanRef above = open.back();
    open.pop_back();
    for (const Span* child : index.children_of(above)) {
      // The processing of another message is below its send, and not part of ours.
      const bool is_of_others =
          is_consumer(*child) && !child->links.empty() && child->kind == evidence::SpanKind::kConsumer;
      if (is_of_others || !seen.insert(ref_of(*child)).second) continue;
      if (is_producer(*child)) {
        if (is_of_one_send(*child)) names.push_back(name_of_send(*child));
      } else {
        open.push_back(ref_of(*child));
      }
    }
  }
  return names;
}

}  // namespace waybill::analysis
