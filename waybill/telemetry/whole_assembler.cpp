#include "waybill/telemetry/whole_assembler.h"

#include <absl/container/inlined_vector.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "waybill/telemetry/record_text.h"

namespace waybill::telemetry {
namespace {

namespace bits = segment::bits;

std::size_t size_of_texts(const segment::WholeOperation& record) {
  return record.link_count * sizeof(segment::RecordContext) + record.description_size +
         record.tracestate_size;
}

bool is_known(segment::WholeKind kind) {
  return kind >= segment::WholeKind::kTransaction && kind <= segment::WholeKind::kReceive;
}

ShapeKey::Operation operation_of(segment::WholeKind kind) {
  switch (kind) {
    case segment::WholeKind::kSettle:
      return ShapeKey::Operation::kSettle;
    case segment::WholeKind::kSend:
      return ShapeKey::Operation::kSendBatch;
    case segment::WholeKind::kReceive:
      return ShapeKey::Operation::kFailedPoll;
    case segment::WholeKind::kTransaction:
      break;
  }
  return ShapeKey::Operation::kTransaction;
}

}  // namespace

std::optional<std::uint64_t> WholeAssembler::accept(const segment::RecordView& view, Place place) {
  const auto record = fixed_part<segment::WholeOperation>(view);
  if (!record || !is_known(record->kind) || record->link_count > segment::kMaxLinks) return std::nullopt;
  if (view.bytes.size() < sizeof *record + size_of_texts(*record)) return std::nullopt;
  waiting_.push_back(place);
  ++counts_.started;
  return std::max(record->start_ns, record->end_ns);
}

void WholeAssembler::finish(std::size_t most, SpanBatches& finished) {
  const std::size_t count = std::min(most, waiting_.size());
  for (std::size_t at = 0; at < count; ++at) finish_one(waiting_[at], finished);
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
}

AssemblerCounts WholeAssembler::counts() const {
  AssemblerCounts counts = counts_;
  counts.in_flight = waiting_.size();
  return counts;
}

void WholeAssembler::finish_one(Place place, SpanBatches& finished) {
  const auto record = host_.record<segment::WholeOperation>(place);
  const std::uint64_t end_ns = std::max(record.start_ns, record.end_ns);
  WholeView view;
  view.context = from_record(record.context);
  view.parent = {record.parent_span_id};
  view.parent_is_remote = (record.bits & bits::kParentRemote) != 0;
  view.start_unix_ns = host_.clock().to_unix_ns(record.start_ns);
  view.end_unix_ns = host_.clock().to_unix_ns(end_ns);
  if (record.offset >= 0) view.offset = record.offset;
  view.links_left_out = record.links_left_out;
  if (record.kind == segment::WholeKind::kSend) view.message_count = record.message_count;
  if (!view.context.sampled()) {
    view.kept = host_.kept().reason(record.error != 0, end_ns - record.start_ns);
    if (view.kept.empty()) {
      host_.records().settle(place);
      ++counts_.not_kept;
      return;
    }
  }
  RecordText text{host_.records().record(place), sizeof record};
  absl::InlinedVector<context::SpanContext, 4> links;
  for (std::size_t at = 0; at < record.link_count; ++at) {
    segment::RecordContext link;
    std::memcpy(&link, text.take(sizeof link).data(), sizeof link);
    links.push_back(from_record(link));
    if (links.back().valid()) continue;
    links.pop_back();
    ++view.links_left_out;
  }
  view.links = links;
  view.description = text.take(record.description_size);
  view.trace_state = text.take(record.tracestate_size);
  const SpanShape& shape = shape_of(record);
  SpanBatch& batch = finished.for_next_span(host_.shapes().shapes());
  batch.spans.push_back(whole_span(view, shape, host_.limits(), batch.memory));
  finished.add_origin(place);
  ++counts_.finished;
}

const SpanShape& WholeAssembler::shape_of(const segment::WholeOperation& record) {
  const ShapeKey key{.profile = record.profile,
                     .client = record.client,
                     .topic = record.topic,
                     .partition = record.partition,
                     .error = record.error,
                     .operation = operation_of(record.kind),
                     .outcome = static_cast<std::uint8_t>(record.outcome),
                     .injected = (record.bits & bits::kInjected) != 0};
  return host_.shapes().get(key, [&](Arena& memory) {
    WholeFacts facts;
    facts.kind = record.kind;
    facts.topic = host_.text(record.topic, segment::DefinitionKind::kTopic);
    facts.partition = record.partition;
    facts.outcome = record.outcome;
    facts.injected = key.injected;
    if (record.error != 0) facts.failure = host_.failure(record.error);
    return whole_shape(facts, host_.client(record.profile, record.client), host_.limits(), memory);
  });
}

}  // namespace waybill::telemetry
