#include "waybill/telemetry/consume_assembler.h"

#include <algorithm>
#include <utility>

#include "waybill/telemetry/record_text.h"

namespace waybill::telemetry {
namespace {

using segment::DefinitionKind;
namespace bits = segment::bits;

// Messages of an operation that was not sampled after all come without a start; they are forgotten after so
// long.
constexpr std::uint64_t kForgetAfterNs = 60'000'000'000;
constexpr std::uint64_t kSweepEveryNs = 1'000'000'000;

// What a span tells of the messages of its operation; more are dropped and counted with its links.
constexpr std::size_t kMostMessages = 16'384;

bool has_parent(const segment::SingleConsumed& record) { return (record.bits & bits::kParentRemote) != 0; }
bool has_creation(std::uint8_t record_bits) { return (record_bits & bits::kHasCreation) != 0; }

}  // namespace

bool ConsumeAssembler::Operation::hold_message(Place place) {
  if (messages.size() == kMostMessages) {
    ++messages_dropped;
    return false;
  }
  messages.push_back(place);
  return true;
}

std::optional<std::uint64_t> ConsumeAssembler::start(const segment::RecordView& view, Place place) {
  const auto record = fixed_part<segment::ConsumeStarted>(view);
  if (!record || view.bytes.size() < sizeof *record + record->tracestate_size) return std::nullopt;
  Operation& operation = operations_[record->operation];
  if (operation.start != kNoPlace) return std::nullopt;
  operation.start = place;
  operation.saw(record->start_ns);
  ++counts_.started;
  ++counts_.in_flight;
  return record->start_ns;
}

std::optional<std::uint64_t> ConsumeAssembler::message(const segment::RecordView& view, Place place) {
  const auto record = fixed_part<segment::ConsumedMessage>(view);
  if (!record) return std::nullopt;
  const std::size_t texts = std::size_t{record->key_size} + record->tracestate_size;
  if (!holds_texts(view, *record, texts)) return std::nullopt;
  Operation& operation = operations_[record->operation];
  operation.saw(record->hand_over_ns);
  if (!operation.hold_message(place)) host_.records().settle(place);
  return record->hand_over_ns;
}

std::optional<std::uint64_t> ConsumeAssembler::single(const segment::RecordView& view, Place place) {
  const auto record = fixed_part<segment::SingleConsumed>(view);
  if (!record || (has_parent(*record) && !has_creation(record->bits))) return std::nullopt;
  const std::size_t texts = std::size_t{record->key_size} + record->tracestate_size;
  if (!holds_texts(view, *record, texts)) return std::nullopt;
  const bool has_ended = record->kind == segment::ConsumeOperation::kReceive;
  const std::uint64_t time_ns = std::max(record->start_ns, record->hand_over_ns);
  Operation& operation = operations_[record->operation];
  if (operation.start != kNoPlace || (has_ended && operation.end != kNoPlace)) return std::nullopt;
  operation.start = place;
  operation.single = true;
  operation.hold_message(place);
  operation.saw(time_ns);
  if (has_ended) {
    operation.end = place;
    operation.end_ns = record->hand_over_ns;
    operation.message_count = 1;
    ended_.push_back(record->operation);
  }
  ++counts_.started;
  ++counts_.in_flight;
  return time_ns;
}

std::optional<std::uint64_t> ConsumeAssembler::end(const segment::RecordView& view, Place place) {
  const auto record = fixed_part<segment::ConsumeEnded>(view);
  if (!record || view.bytes.size() < sizeof *record + record->description_size) return std::nullopt;
  Operation& operation = operations_[record->operation];
  if (operation.end != kNoPlace) return std::nullopt;
  operation.end = place;
  operation.end_ns = record->end_ns;
  operation.message_count = record->message_count;
  operation.saw(record->end_ns);
  ended_.push_back(record->operation);
  return record->end_ns;
}

void ConsumeAssembler::finish_ended(bool all_read, std::size_t most, std::uint64_t last_sign_ns,
                                    SpanBatches& finished) {
  std::size_t kept = 0;
  for (const std::uint64_t name : ended_) {
    const auto entry = operations_.find(name);
    if (entry == operations_.end()) continue;
    Operation& operation = entry->second;
    if (operation.end == kNoPlace) continue;
    if (operation.start != kNoPlace && (operation.has_all_messages() || operation.waited) && most != 0) {
      --most;
      finish(operation, operation.end_ns, false, finished);
      operations_.erase(entry);
      continue;
    }
    // Its start was committed before its end, so it would have been read by now.
    if (operation.start == kNoPlace && operation.waited && all_read) {
      forget(operation);
      operations_.erase(entry);
      continue;
    }
    operation.waited = operation.waited || all_read;
    ended_[kept++] = name;
  }
  ended_.resize(kept);
  if (last_sign_ns - last_sweep_ns_ > kSweepEveryNs) forget_those_without_start(last_sign_ns);
}

void ConsumeAssembler::forget_those_without_start(std::uint64_t last_sign_ns) {
  last_sweep_ns_ = last_sign_ns;
  absl::erase_if(operations_, [&](const auto& entry) {
    const Operation& operation = entry.second;
    if (operation.start != kNoPlace || last_sign_ns <= operation.last_sign_ns + kForgetAfterNs) return false;
    forget(operation);
    return true;
  });
}

void ConsumeAssembler::forget(const Operation& operation) {
  for (const Place place : operation.messages) host_.records().settle(place);
  if (operation.end != kNoPlace) host_.records().settle(operation.end);
}

void ConsumeAssembler::finish_all(std::uint64_t last_sign_ns, SpanBatches& finished) {
  for (const auto& [name, operation] : operations_) {
    if (operation.start != kNoPlace) {
      finish(operation, last_sign_ns, true, finished);
    } else {
      forget(operation);
    }
  }
  operations_.clear();
  ended_.clear();
}

AssemblerCounts ConsumeAssembler::counts() const { return counts_; }

void ConsumeAssembler::finish(const Operation& operation, std::uint64_t end_ns, bool unfinished,
                              SpanBatches& finished) {
  const segment::ConsumeStarted start = start_of(operation);
  const bool is_sampled = (start.context.flags & context::kFlagSampled) != 0;
  const std::uint64_t duration_ns = end_ns > start.start_ns ? end_ns - start.start_ns : 0;
  const std::uint32_t error = error_of(operation);
  const std::string_view kept = host_.kept().reason(unfinished || error != 0, duration_ns);
  if (!is_sampled && kept.empty()) return leave_out(operation);
  message_views_.clear();
  for (const Place place : operation.messages) message_views_.push_back(message_view(operation, place));

  ConsumeFacts facts;
  facts.kind = start.kind;
  facts.topic = common_topic(message_views_);
  facts.partition = common_partition(message_views_);
  facts.batch = (start.bits & bits::kBatch) != 0;
  facts.unfinished = unfinished;
  const bool receive = facts.kind == segment::ConsumeOperation::kReceive;
  const ShapeKey key{
      .profile = start.profile,
      .client = start.client,
      .topic = facts.topic.empty() ? 0 : message_of(operation, operation.messages.front()).topic,
      .partition = facts.partition,
      .error = error,
      .operation = receive ? ShapeKey::Operation::kReceive : ShapeKey::Operation::kProcess,
      .batch = facts.batch,
      .unfinished = unfinished};
  const SpanShape& shape = host_.shapes().get(key, [&](Arena& memory) {
    if (error != 0) facts.failure = host_.failure(error);
    return consume_shape(facts, host_.client(start.profile, start.client), host_.limits(), memory);
  });
  SpanBatch& batch = finished.for_next_span(host_.shapes().shapes());
  ConsumeOperation view = view_of(operation, start, end_ns);
  if (!is_sampled) view.kept = kept;
  batch.spans.push_back(consume_span(view, facts, shape, host_.limits(), batch.memory));
  batch.spans.back().own_status_message = batch.memory.keep(description_of(operation));
  batch.spans.back().dropped_links_count += operation.messages_dropped;
  finished.add_origin(operation.start);
  for (const Place place : operation.messages) {
    if (place != operation.start) finished.add_origin(place);
  }
  if (operation.end != operation.start) finished.add_origin(operation.end);
  ++counts_.finished;
  --counts_.in_flight;
}

// Of a single receive operation the end is its start.
std::uint32_t ConsumeAssembler::error_of(const Operation& operation) const {
  const bool has_end = operation.end != kNoPlace && operation.end != operation.start;
  return has_end ? host_.record<segment::ConsumeEnded>(operation.end).error : 0;
}

std::string_view ConsumeAssembler::description_of(const Operation& operation) const {
  if (error_of(operation) == 0) return {};
  const auto end = host_.record<segment::ConsumeEnded>(operation.end);
  return RecordText{host_.records().record(operation.end), sizeof end}.take(end.description_size);
}

void ConsumeAssembler::leave_out(const Operation& operation) {
  RecordStore& records = host_.records();
  records.settle(operation.start);
  for (const Place place : operation.messages) {
    if (place != operation.start) records.settle(place);
  }
  if (operation.end != kNoPlace && operation.end != operation.start) records.settle(operation.end);
  ++counts_.not_kept;
  --counts_.in_flight;
}

ConsumeOperation ConsumeAssembler::view_of(const Operation& operation, const segment::ConsumeStarted& start,
                                           std::uint64_t end_ns) const {
  ConsumeOperation view;
  view.context = from_record(start.context);
  view.parent = {start.parent_span_id};
  view.parent_is_remote = (start.bits & bits::kParentRemote) != 0;
  view.trace_state = trace_state_of(operation, start);
  view.start_unix_ns = host_.clock().to_unix_ns(start.start_ns);
  view.end_unix_ns = host_.clock().to_unix_ns(std::max(end_ns, start.start_ns));
  view.message_count = operation.end != kNoPlace ? operation.message_count
                                                 : static_cast<std::uint32_t>(operation.messages.size()) +
                                                       operation.messages_dropped;
  view.messages = message_views_;
  return view;
}

segment::ConsumeStarted ConsumeAssembler::start_of(const Operation& operation) const {
  if (!operation.single) return host_.record<segment::ConsumeStarted>(operation.start);
  const auto single = host_.record<segment::SingleConsumed>(operation.start);
  segment::ConsumeStarted start{};
  start.start_ns = single.start_ns;
  start.context = single.context;
  start.client = single.client;
  start.profile = single.profile;
  start.kind = single.kind;
  if (has_parent(single)) {
    start.parent_span_id = single.creation.span_id;
    start.bits = bits::kParentRemote;
    start.tracestate_size = single.tracestate_size;
  }
  return start;
}

// That of a single message follows its key.
std::string_view ConsumeAssembler::trace_state_of(const Operation& operation,
                                                  const segment::ConsumeStarted& start) const {
  std::size_t fixed = sizeof start;
  if (operation.single) {
    fixed = sizeof(segment::SingleConsumed) + host_.record<segment::SingleConsumed>(operation.start).key_size;
  }
  return RecordText{host_.records().record(operation.start), fixed}.take(start.tracestate_size);
}

segment::ConsumedMessage ConsumeAssembler::message_of(const Operation& operation, Place place) const {
  if (!operation.is_single(place)) return host_.record<segment::ConsumedMessage>(place);
  const auto single = host_.record<segment::SingleConsumed>(place);
  segment::ConsumedMessage message{};
  message.creation = single.creation;
  message.offset = single.offset;
  message.timestamp_ms = single.timestamp_ms;
  message.hand_over_ns = single.hand_over_ns;
  message.topic = single.topic;
  message.partition = single.partition;
  message.body_size = single.body_size;
  message.key_size = single.key_size;
  message.tracestate_size = single.tracestate_size;
  message.bits = single.bits;
  message.has_headers = single.has_headers;
  return message;
}

MessageView ConsumeAssembler::message_view(const Operation& operation, Place place) {
  const segment::ConsumedMessage record = message_of(operation, place);
  const std::size_t fixed =
      operation.is_single(place) ? sizeof(segment::SingleConsumed) : sizeof(segment::ConsumedMessage);
  MessageView message;
  if (has_creation(record.bits)) message.creation = from_record(record.creation);
  message.topic = host_.text(record.topic, DefinitionKind::kTopic);
  message.partition = record.partition;
  message.offset = record.offset;
  RecordText text{host_.records().record(place), fixed};
  message.key = text.take_key(record.bits, record.key_size);
  message.trace_state = text.take(record.tracestate_size);
  message.headers = text.headers(record.has_headers);
  message.tombstone = (record.bits & bits::kTombstone) != 0;
  message.body_size = record.body_size;
  if (record.timestamp_ms > 0) {
    const double age_ms = static_cast<double>(host_.clock().to_unix_ns(record.hand_over_ns)) / 1e6 -
                          static_cast<double>(record.timestamp_ms);
    message.record_age_ms = std::max(age_ms, 0.0);  // the producer's clock may be ahead of ours
  }
  return message;
}

}  // namespace waybill::telemetry
