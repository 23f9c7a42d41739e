#include "waybill/analysis/flow_counts.h"

#include <cmath>

#include "waybill/analysis/internal/delivered.h"

namespace waybill::analysis {
namespace {

using evidence::Operation;
using evidence::Span;

// Clients may write what they like.
double weight_of(const Span& span) {
  const double weight = span.adjusted_count.value_or(1);
  return std::isfinite(weight) && weight >= 1 ? weight : 1;
}

double ms_between(std::int64_t from_ns, std::int64_t to_ns) {
  return static_cast<double>(to_ns - from_ns) / 1e6;
}

}  // namespace

std::optional<FlowKey> flow_key_of(const Span& span) {
  if (span.place.topic.empty()) return std::nullopt;
  if (is_consumer(span)) return FlowKey{span.service, span.place.topic, span.group, span.operation};
  const bool has_messages_apart =
      span.operation == Operation::kSend && !span.links.empty() && !is_of_one_send(span);
  if (!is_producer(span) || has_messages_apart) return std::nullopt;
  return FlowKey{span.service, span.place.topic, "", Operation::kSend};
}

void FlowCounts::count(const Span& span) {
  const double weight = weight_of(span);
  const double many = weight * span.messages;
  messages += many;
  if (span.failed) errors += many;
  if (!span.adjusted_count) unscaled += span.messages;
  if (span.unfinished) return;
  duration.add(duration_ms(span), weight);
  if (span.queue_ms) queue.add(*span.queue_ms, weight);
  if (span.broker_ms) broker.add(*span.broker_ms, weight);
  if (span.operation == Operation::kProcess) processing.add(duration_ms(span), weight);
}

void FlowCounts::count_way(const Span& sent, const Span& consumed) {
  if (sent.unfinished) return;
  const double weight = weight_of(consumed);
  const bool is_process = consumed.operation == Operation::kProcess;
  // A poll hands over when it returns, processing begins with it.
  log.add(ms_between(sent.end_ns, is_process ? consumed.start_ns : consumed.end_ns), weight);
  if (is_process && !consumed.unfinished) end_to_end.add(ms_between(sent.start_ns, consumed.end_ns), weight);
}

void FlowCounts::merge(const FlowCounts& other) {
  messages += other.messages;
  errors += other.errors;
  unscaled += other.unscaled;
  duration.merge(other.duration);
  queue.merge(other.queue);
  broker.merge(other.broker);
  log.merge(other.log);
  processing.merge(other.processing);
  end_to_end.merge(other.end_to_end);
}

}  // namespace waybill::analysis
