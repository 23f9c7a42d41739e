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

}  // namespace

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
  if (view.bytes.size() < sizeof *record + texts) return std::nullopt;
  Operation& operation = operations_[record->operation];
  operation.saw(record->hand_over_ns);
  if (operation.messages.size() < kMostMessages) {
    operation.messages.push_back(place);
  } else {
    ++operation.messages_dropped;
    host_.records().settle(place);
  }
  return record->hand_over_ns;
}

std::optional<std::uint64_t> ConsumeAssembler::end(const segment::RecordView& view, Place place) {
  const auto record = fixed_part<segment::ConsumeEnded>(view);
  if (!record) return std::nullopt;
  Operation& operation = operations_[record->operation];
  if (operation.end != kNoPlace) return std::nullopt;
  operation.end = place;
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
      finish(operation, host_.record<segment::ConsumeEnded>(operation.end).end_ns, false, finished);
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
  const auto start = host_.record<segment::ConsumeStarted>(operation.start);
  message_views_.clear();
  for (const Place place : operation.messages) message_views_.push_back(message_view(place));

  ConsumeFacts facts;
  facts.kind = start.kind;
  facts.topic = common_topic(message_views_);
  facts.partition = common_partition(message_views_);
  facts.batch = (start.bits & bits::kBatch) != 0;
  facts.unfinished = unfinished;
  const bool receive = facts.kind == segment::ConsumeOperation::kReceive;
  const ShapeKey key{.profile = start.profile,
                     .client = start.client,
                     .topic = facts.topic.empty()
                                  ? 0
                                  : host_.record<segment::ConsumedMessage>(operation.messages.front()).topic,
                     .partition = facts.partition,
                     .operation = receive ? ShapeKey::Operation::kReceive : ShapeKey::Operation::kProcess,
                     .batch = facts.batch,
                     .unfinished = unfinished};
  const SpanShape& shape = host_.shapes().get(key, [&](Arena& memory) {
    return consume_shape(facts, host_.client(start.profile, start.client), host_.limits(), memory);
  });
  SpanBatch& batch = finished.for_next_span(host_.shapes().shapes());
  batch.spans.push_back(
      consume_span(view_of(operation, start, end_ns), facts, shape, host_.limits(), batch.memory));
  batch.spans.back().dropped_links_count += operation.messages_dropped;
  finished.add_origin(operation.start);
  for (const Place place : operation.messages) finished.add_origin(place);
  finished.add_origin(operation.end);
  ++counts_.finished;
  --counts_.in_flight;
}

ConsumeOperation ConsumeAssembler::view_of(const Operation& operation, const segment::ConsumeStarted& start,
                                           std::uint64_t end_ns) const {
  ConsumeOperation view;
  view.context = from_record(start.context);
  view.parent = {start.parent_span_id};
  view.parent_is_remote = (start.bits & bits::kParentRemote) != 0;
  view.trace_state =
      RecordText{host_.records().record(operation.start), sizeof start}.take(start.tracestate_size);
  view.start_unix_ns = host_.clock().to_unix_ns(start.start_ns);
  view.end_unix_ns = host_.clock().to_unix_ns(std::max(end_ns, start.start_ns));
  view.message_count = operation.end != kNoPlace ? operation.message_count
                                                 : static_cast<std::uint32_t>(operation.messages.size()) +
                                                       operation.messages_dropped;
  view.messages = message_views_;
  return view;
}

MessageView ConsumeAssembler::message_view(Place place) {
  const auto record = host_.record<segment::ConsumedMessage>(place);
  MessageView message;
  if ((record.bits & bits::kHasCreation) != 0) message.creation = from_record(record.creation);
  message.topic = host_.text(record.topic, DefinitionKind::kTopic);
  message.partition = record.partition;
  message.offset = record.offset;
  RecordText text{host_.records().record(place), sizeof record};
  message.key = text.take_key(record.bits, record.key_size);
  message.trace_state = text.take(record.tracestate_size);
  message.tombstone = (record.bits & bits::kTombstone) != 0;
  if (record.timestamp_ms > 0) {
    const double age_ms = static_cast<double>(host_.clock().to_unix_ns(record.hand_over_ns)) / 1e6 -
                          static_cast<double>(record.timestamp_ms);
    message.record_age_ms = std::max(age_ms, 0.0);  // the producer's clock may be ahead of ours
  }
  return message;
}

}  // namespace waybill::telemetry
