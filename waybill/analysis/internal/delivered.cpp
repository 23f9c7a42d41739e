#include "waybill/analysis/internal/delivered.h"

#include <algorithm>

namespace waybill::analysis {
namespace {

using evidence::Place;
using evidence::Span;

// What the messages of a batch share stands on the span, what tells them apart on their links.
Place place_of(const evidence::Link& link, const Span& span) {
  Place place = link.place;
  if (place.topic.empty()) place.topic = span.place.topic;
  if (place.partition < 0) place.partition = span.place.partition;
  return place;
}

Delivered single_of(const Span& span) {
  Delivered message{.place = span.place, .sent = {}};
  for (const evidence::Link& link : span.links) {
    if (!message.place.is_exact() && link.place.offset >= 0) message.place = place_of(link, span);
    message.sent.push_back(ref_of(link));
  }
  if (span.parent_id.valid()) message.sent.push_back(parent_of(span));
  return message;
}

bool is_single(const Span& span) { return span.messages <= 1 && span.links.size() <= 1; }

}  // namespace

bool is_of_one_send(const Span& span) {
  if (span.operation == evidence::Operation::kCreate) return true;
  if (span.operation != evidence::Operation::kSend || span.messages > 1) return false;
  const bool says_its_fate = span.place.is_exact() || span.persistence != evidence::Persistence::kUnknown;
  return says_its_fate || span.links.empty();
}

std::vector<Delivered> delivered_by(const Span& span) {
  if (is_single(span)) return {single_of(span)};
  std::vector<Delivered> messages;
  messages.reserve(span.links.size());
  for (const evidence::Link& link : span.links) {
    messages.push_back({.place = place_of(link, span), .sent = {ref_of(link)}});
  }
  return messages;
}

bool names_all(const Span& span) { return is_single(span) || span.messages <= span.links.size(); }

}  // namespace waybill::analysis
