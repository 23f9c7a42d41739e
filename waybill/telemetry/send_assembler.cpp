#include "waybill/telemetry/send_assembler.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "waybill/telemetry/record_text.h"

namespace waybill::telemetry {
namespace {

using segment::DefinitionKind;
namespace bits = segment::bits;

constexpr std::size_t kAhead = 4;  // so many pairs ahead their records are brought near

double milliseconds(std::uint64_t from_ns, std::uint64_t to_ns) {
  return static_cast<double>(to_ns - from_ns) / 1e6;
}

// As long as librdkafka says, so that the span and the metric agree: the host's own reading of the clock is a
// moment later.
std::uint64_t end_of(const segment::SendStarted& start, const segment::SendEnded& end) {
  if (end.latency_us_plus_1 == 0) return end.end_ns;
  return start.start_ns + std::uint64_t{1000} * (end.latency_us_plus_1 - 1);
}

std::size_t link_size(const segment::SendStarted& record) {
  return (record.bits & bits::kHasLink) != 0 ? sizeof(segment::RecordContext) : 0;
}

bool is_sampled(const segment::SendStarted& record) {
  return (record.context.flags & context::kFlagSampled) != 0;
}

}  // namespace

std::optional<std::uint64_t> SendAssembler::start(const segment::RecordView& view, Place place) {
  const auto record = fixed_part<segment::SendStarted>(view);
  if (!record) return std::nullopt;
  const std::size_t texts = link_size(*record) + record->key_size + record->tracestate_size;
  if (!holds_texts(view, *record, texts)) return std::nullopt;
  ++counts_.started;
  sends_.start(*record, place);
  return record->start_ns;
}

std::optional<std::uint64_t> SendAssembler::end(const segment::RecordView& view, Place place) {
  const auto record = fixed_part<segment::SendEnded>(view);
  if (!record) return std::nullopt;
  sends_.end(*record, place);
  return record->end_ns;
}

void SendAssembler::finish_until(std::uint64_t until_ns, std::size_t most, SpanBatches& finished) {
  const InFlightSends::Matches& matches = sends_.match(until_ns, most);
  settle(matches);
  const auto& pairs = matches.pairs;
  for (std::size_t at = 0; at < pairs.size(); ++at) {
    if (at + kAhead < pairs.size()) __builtin_prefetch(host_.records().record(pairs[at + kAhead].start));
    finish_answered(pairs[at], finished);
  }
}

void SendAssembler::settle(const InFlightSends::Matches& matches) {
  for (const Place place : matches.lost) host_.records().settle(place);
  for (const Place place : matches.strays) host_.records().settle(place);
  counts_.lost_ends += matches.lost.size();
}

void SendAssembler::finish_closed(const ClosedClients& closed, SpanBatches& finished) {
  sends_.take_if([&](std::uint32_t client, Place start) {
    const auto at = closed.find(client);
    if (at == closed.end()) return false;
    finish_unanswered(start, at->second, ShapeKey::Failed::kProducerDestroyed, finished);
    return true;
  });
  for (const auto& [client, time_ns] : closed) offset_trust_.forget(client);
}

bool SendAssembler::finish_all(std::uint64_t last_sign_ns, std::size_t most, SpanBatches& finished) {
  sends_.take_if([&](std::uint32_t, Place start) {
    if (most == 0) return false;
    --most;
    finish_unanswered(start, last_sign_ns, ShapeKey::Failed::kHostEnded, finished);
    return true;
  });
  return sends_.size() == 0;
}

void SendAssembler::give_up_older_half() {
  for (const Place place : sends_.take_older_half()) {
    host_.records().settle(place);
    ++counts_.given_up;
  }
}

AssemblerCounts SendAssembler::counts() const {
  AssemblerCounts counts = counts_;
  counts.in_flight = sends_.size();
  return counts;
}

void SendAssembler::finish_answered(InFlightSends::Pair pair, SpanBatches& finished) {
  const auto start = host_.record<segment::SendStarted>(pair.start);
  const auto end = host_.record<segment::SendEnded>(pair.end);
  const bool offset_is_known = knows_offset(start, end);  // whether or not it is told: others learn from it
  const std::uint64_t end_ns = end_of(start, end);
  const std::uint64_t duration_ns = end_ns > start.start_ns ? end_ns - start.start_ns : 0;
  const std::string_view kept = host_.kept().reason(end.error != 0, duration_ns);
  if (!is_sampled(start) && kept.empty()) return leave_out(pair.start, pair.end);
  SendOperation operation = operation_of(pair.start, start);
  operation.end_unix_ns = host_.clock().to_unix_ns(end_ns);
  if (!is_sampled(start)) operation.kept = kept;
  const bool is_create = (start.bits & bits::kBatch) != 0;
  if (offset_is_known && !is_create) operation.offset = end.offset;
  if (end.request_ns >= start.start_ns && end.request_ns <= end.end_ns) {
    const std::uint64_t broker_ns = std::min(end.end_ns - end.request_ns, end_ns - start.start_ns);
    operation.queue_time_ms = milliseconds(start.start_ns, end_ns - broker_ns);
    operation.broker_time_ms = milliseconds(0, broker_ns);
  }
  const SpanShape& shape = shape_for({.profile = start.profile,
                                      .client = start.client,
                                      .topic = start.topic,
                                      .partition = end.partition,
                                      .broker = end.broker,
                                      .error = end.error,
                                      .persistence = static_cast<std::uint8_t>(end.persistence),
                                      .injected = (start.bits & bits::kInjected) != 0,
                                      .batch = (start.bits & bits::kBatch) != 0});
  finish(operation, shape, finished);
  finished.add_origin(pair.start);
  finished.add_origin(pair.end);
}

bool SendAssembler::knows_offset(const segment::SendStarted& start, const segment::SendEnded& end) {
  if (end.error != 0) return false;
  const bool has_run = offset_trust_.trust({start.client, start.topic, end.partition}, end.offset);
  return has_run && end.persistence == segment::Persistence::kPersisted &&
         host_.client(start.profile, start.client).profile->acks.value_or(-1) != 0;
}

void SendAssembler::finish_unanswered(Place start_place, std::uint64_t end_ns, ShapeKey::Failed reason,
                                      SpanBatches& finished) {
  if (dropped_ends_ > counts_.lost_ends) reason = ShapeKey::Failed::kNotKnown;
  const auto start = host_.record<segment::SendStarted>(start_place);
  const std::string_view kept = host_.kept().reason(true, 0);
  if (!is_sampled(start) && kept.empty()) return leave_out(start_place);
  SendOperation operation = operation_of(start_place, start);
  if (!is_sampled(start)) operation.kept = kept;
  operation.end_unix_ns = host_.clock().to_unix_ns(std::max(end_ns, start.start_ns));
  const SpanShape& shape = shape_for({.profile = start.profile,
                                      .client = start.client,
                                      .topic = start.topic,
                                      .failed = reason,
                                      .injected = (start.bits & bits::kInjected) != 0,
                                      .batch = (start.bits & bits::kBatch) != 0,
                                      .unfinished = reason != ShapeKey::Failed::kProducerDestroyed});
  finish(operation, shape, finished);
  finished.add_origin(start_place);
}

void SendAssembler::leave_out(Place start, Place end) {
  host_.records().settle(start);
  if (end != kNoPlace) host_.records().settle(end);
  ++counts_.not_kept;
}

void SendAssembler::finish(const SendOperation& operation, const SpanShape& shape, SpanBatches& finished) {
  SpanBatch& batch = finished.for_next_span(host_.shapes().shapes());
  batch.spans.push_back(send_span(operation, shape, host_.limits(), batch.memory));
  ++counts_.finished;
}

SendOperation SendAssembler::operation_of(Place place, const segment::SendStarted& start) {
  SendOperation operation;
  operation.context = from_record(start.context);
  operation.parent = {start.parent_span_id};
  operation.start_unix_ns = host_.clock().to_unix_ns(start.start_ns);
  operation.tombstone = (start.bits & bits::kTombstone) != 0;
  operation.body_size = start.body_size;
  RecordText text{host_.records().record(place), sizeof start};
  if (const std::string_view link = text.take(link_size(start)); !link.empty()) {
    segment::RecordContext context;
    std::memcpy(&context, link.data(), sizeof context);
    operation.link = from_record(context);
  }
  operation.key = text.take_key(start.bits, start.key_size);
  operation.trace_state = text.take(start.tracestate_size);
  operation.headers = text.headers(start.has_headers);
  return operation;
}

const SpanShape& SendAssembler::shape_for(const ShapeKey& key) {
  return host_.shapes().get(key, [&](Arena& memory) {
    SendFacts facts;
    facts.topic = host_.text(key.topic, DefinitionKind::kTopic);
    facts.partition = key.partition;
    facts.injected = key.injected;
    facts.creates = key.batch;
    facts.persistence = static_cast<segment::Persistence>(key.persistence);
    if (key.broker != 0) facts.broker = parse_server(host_.text(key.broker, DefinitionKind::kBroker));
    const bool said_nothing = key.failed == ShapeKey::Failed::kAsRecorded && key.error == 0;
    if (!said_nothing && key.failed != ShapeKey::Failed::kNotKnown) facts.failure = failure_of(key);
    facts.unfinished = key.unfinished;
    return send_shape(facts, host_.client(key.profile, key.client), host_.limits(), memory);
  });
}

Failure SendAssembler::failure_of(const ShapeKey& key) {
  if (key.failed == ShapeKey::Failed::kProducerDestroyed)
    return {"_DESTROY", "the producer was destroyed before this message was answered"};
  if (key.failed == ShapeKey::Failed::kHostEnded)
    return {"_OTHER", "the process ended before the broker answered"};
  return host_.failure(key.error);
}

}  // namespace waybill::telemetry
