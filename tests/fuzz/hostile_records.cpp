#include <algorithm>
#include <cstring>

#include "tests/fuzz/hostile_segment.h"

// Records whose header is sound and whose fields are the script's choice.
namespace waybill::fuzz {
namespace {

using segment::RecordKind;

constexpr std::size_t kMostTail = 4096;

segment::RecordContext context_of(Script& script) {
  segment::RecordContext context{};
  context.trace_id[15] = script.byte();
  context.span_id[7] = script.byte();
  context.flags = 1;
  return context;
}

// So that a script can say it with the bits that it has.
std::uint8_t has_headers(std::uint8_t bits) { return (bits & segment::bits::kKeyCut) != 0 ? 1 : 0; }

// The record, as much tail as the script wants (which may be less than the record says), and its header.
template <typename Record>
std::vector<std::uint8_t> finished(RecordKind kind, const Record& record, Script& script) {
  const std::size_t tail = std::min<std::size_t>(script.number(), kMostTail);
  std::vector<std::uint8_t> bytes((sizeof record + tail + 7) / 8 * 8, 'k');
  std::memcpy(bytes.data(), &record, sizeof record);
  const std::span<const std::uint8_t> text = script.take(script.byte() % 32U);
  std::copy_n(text.begin(), std::min(text.size(), tail), bytes.begin() + sizeof record);
  const std::uint32_t word = segment::size_and_kind(bytes.size(), kind);
  std::memcpy(bytes.data(), &word, sizeof word);
  return bytes;
}

}  // namespace

std::vector<std::uint8_t> HostileSegment::record_of(RecordKind kind, Script& script) const {
  switch (kind) {
    case RecordKind::kSendStarted: {
      segment::SendStarted record{};
      record.message = script.number();
      record.start_ns = script.number();
      record.context = context_of(script);
      record.client = script.number32();
      record.profile = definition(script.number());
      record.topic = definition(script.number());
      record.bits = script.byte();
      record.has_headers = has_headers(record.bits);
      record.refusals = script.byte();
      record.key_size = script.number16();
      record.tracestate_size = script.number16();
      return finished(kind, record, script);
    }
    case RecordKind::kSendEnded: {
      segment::SendEnded record{};
      record.message = script.number();
      record.end_ns = script.number();
      record.request_ns = script.number();
      record.offset = static_cast<std::int64_t>(script.number());
      record.partition = static_cast<std::int32_t>(script.number());
      record.client = script.number32();
      record.broker = definition(script.number());
      record.error = definition(script.number());
      record.persistence = static_cast<segment::Persistence>(script.byte());
      record.refusals = script.byte();
      return finished(kind, record, script);
    }
    case RecordKind::kConsumeStarted: {
      segment::ConsumeStarted record{};
      record.operation = script.number();
      record.start_ns = script.number();
      record.context = context_of(script);
      record.client = script.number32();
      record.profile = definition(script.number());
      record.kind = static_cast<segment::ConsumeOperation>(script.byte());
      record.bits = script.byte();
      record.tracestate_size = script.number16();
      return finished(kind, record, script);
    }
    case RecordKind::kConsumedMessage: {
      segment::ConsumedMessage record{};
      record.operation = script.number();
      record.creation = context_of(script);
      record.offset = static_cast<std::int64_t>(script.number());
      record.timestamp_ms = static_cast<std::int64_t>(script.number());
      record.hand_over_ns = script.number();
      record.client = script.number32();
      record.topic = definition(script.number());
      record.partition = static_cast<std::int32_t>(script.number());
      record.bits = script.byte();
      record.has_headers = has_headers(record.bits);
      record.key_size = script.number16();
      record.tracestate_size = script.number16();
      return finished(kind, record, script);
    }
    case RecordKind::kSingleConsumed: {
      segment::SingleConsumed record{};
      record.operation = script.number();
      record.start_ns = script.number();
      record.hand_over_ns = script.number();
      record.context = context_of(script);
      record.creation = context_of(script);
      record.offset = static_cast<std::int64_t>(script.number());
      record.timestamp_ms = static_cast<std::int64_t>(script.number());
      record.client = script.number32();
      record.profile = definition(script.number());
      record.topic = definition(script.number());
      record.partition = static_cast<std::int32_t>(script.number());
      record.kind = static_cast<segment::ConsumeOperation>(script.byte());
      record.bits = script.byte();
      record.has_headers = has_headers(record.bits);
      record.key_size = script.number16();
      record.tracestate_size = script.number16();
      return finished(kind, record, script);
    }
    case RecordKind::kWholeOperation: {
      segment::WholeOperation record{};
      record.start_ns = script.number();
      record.end_ns = script.number();
      record.context = context_of(script);
      record.offset = static_cast<std::int64_t>(script.number());
      record.client = script.number32();
      record.profile = definition(script.number());
      record.topic = definition(script.number());
      record.partition = static_cast<std::int32_t>(script.number());
      record.error = definition(script.number());
      record.kind = static_cast<segment::WholeKind>(script.byte());
      record.outcome = static_cast<segment::Outcome>(script.byte());
      record.links_left_out = script.number32();
      record.message_count = record.links_left_out;
      record.link_count = script.number16();
      record.description_size = script.number16();
      record.tracestate_size = script.number16();
      return finished(kind, record, script);
    }
    case RecordKind::kConsumeEnded: {
      segment::ConsumeEnded record{};
      record.operation = script.number();
      record.end_ns = script.number();
      record.message_count = script.number32();
      record.client = script.number32();
      return finished(kind, record, script);
    }
    case RecordKind::kClientClosed: {
      segment::ClientClosed record{};
      record.time_ns = script.number();
      record.client = script.number32();
      return finished(kind, record, script);
    }
    case RecordKind::kClientCluster: {
      segment::ClientCluster record{};
      record.client = script.number32();
      record.cluster = definition(script.number());
      return finished(kind, record, script);
    }
    case RecordKind::kPadding:
      break;
  }
  return finished(kind, segment::RecordHeader{}, script);
}

}  // namespace waybill::fuzz
