// The room's part that writes the records of receive and process operations.

#include <algorithm>

#include "waybill/observe/internal/describe_message.h"
#include "waybill/observe/internal/record_fields.h"
#include "waybill/observe/room.h"

namespace waybill::observe {

using segment::ConsumeOperation;
using segment::HostCounter;
using segment::RecordKind;

void Room::write_message(const Client& client, std::uint64_t operation, const IncomingMessage& message,
                         std::uint64_t now_ns) {
  segment::ConsumedMessage record{};
  record.operation = operation;
  record.hand_over_ns = now_ns;
  append_message(RecordKind::kConsumedMessage, record, client, message);
}

// Adds what is known of the message to a record that holds one.
template <typename Record>
bool Room::append_message(RecordKind kind, Record& record, const Client& client,
                          const IncomingMessage& message) {
  record.offset = message.offset;
  record.timestamp_ms = message.timestamp_ms;
  record.client = client.number;
  record.topic = topic_of(message.topic);
  record.partition = message.partition;
  record.body_size = static_cast<std::uint32_t>(message.body_size);
  if (message.tombstone) record.bits |= segment::bits::kTombstone;
  const segment::PackedSettings settings = this->settings();
  const std::string_view key =
      internal::key_for_record(message.key, message.key_size, settings.capture_key(), record.bits);
  record.key_size = static_cast<std::uint16_t>(key.size());
  std::string_view tracestate;
  if (message.creation.context.valid()) {
    record.creation = internal::to_record(message.creation.context);
    record.bits |= segment::bits::kHasCreation;
    tracestate = message.creation.tracestate;
    record.tracestate_size = static_cast<std::uint16_t>(tracestate.size());
  }
  segment::RecordTail tail{.key = key, .tracestate = tracestate};
  const bool has_texts = settings.capture_headers() || internal::describes_messages();
  const bool appended = has_texts
                            ? append_message_with_texts(kind, record, tail, message, settings.propagators())
                            : writer_.append(kind, record, tail);
  if (!appended) count(HostCounter::kConsumeRecordsDropped);
  return appended;
}

template bool Room::append_message(RecordKind, segment::SingleConsumed&, const Client&,
                                   const IncomingMessage&);
template bool Room::append_message(RecordKind, segment::ConsumedMessage&, const Client&,
                                   const IncomingMessage&);

template <typename Record>
bool Room::append_message_with_texts(RecordKind kind, Record record, segment::RecordTail tail,
                                     const IncomingMessage& message, std::uint32_t propagators) {
  segment::HeaderTexts texts;
  GivenAttributes given;
  gather_texts(message, false, propagators, given, texts);
  if (!texts.empty()) {
    record.has_headers = 1;
    tail.headers = &texts;
  }
  return writer_.append(kind, record, tail);
}

bool Room::write_start(ConsumeOperation kind, std::uint64_t operation, std::uint64_t start_ns,
                       const ProcessScope& scope, const ParentSpan& parent, std::uint32_t profile) {
  segment::ConsumeStarted record{};
  record.operation = operation;
  record.start_ns = start_ns;
  record.context = internal::to_record(scope.context);
  record.parent_span_id = parent.id.bytes;
  record.client = scope.client;
  record.profile = profile;
  record.kind = kind;
  if (parent.id.valid() && parent.is_remote) record.bits |= segment::bits::kParentRemote;
  if (scope.message_count > 1) record.bits |= segment::bits::kBatch;
  record.tracestate_size = scope.tracestate_size;
  if (writer_.append(RecordKind::kConsumeStarted, record, {.tracestate = scope.tracestate()})) return true;
  count(HostCounter::kConsumeRecordsDropped);
  return false;
}

void Room::write_end(std::uint64_t operation, std::uint64_t end_ns, std::uint32_t message_count,
                     std::uint32_t client, const ProcessingFailure& failure) {
  segment::ConsumeEnded record{};
  record.operation = operation;
  record.end_ns = end_ns;
  record.message_count = message_count;
  record.client = client;
  record.error = failure.error;
  const std::string_view description = failure.description.substr(0, segment::kMaxDescription);
  record.description_size = static_cast<std::uint16_t>(description.size());
  if (!writer_.append(RecordKind::kConsumeEnded, record, {.key = description}))
    count(HostCounter::kSendEndsDropped);
}

}  // namespace waybill::observe
