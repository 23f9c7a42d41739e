#include "waybill/otlp/internal/messaging_attributes.h"

#include <limits>
#include <string_view>
#include <unordered_map>

namespace waybill::otlp::internal {
namespace {

using evidence::Operation;
using evidence::Span;
using evidence::SpanKind;

enum class Name : std::uint8_t {
  kSystem,
  kOperationType,
  kOperationName,
  kTopic,
  kPartition,
  kOffset,
  kGroup,
  kClient,
  kKey,
  kCount,
  kErrorType,
  kAcks,
  kPersistence,
  kQueueTime,
  kBrokerTime,
  kRecordAge,
  kOutcome,
  kUnfinished,
};

// Several names are of one thing; a span that has two of them says the same twice.
const std::unordered_map<std::string_view, Name>& names() {
  static const std::unordered_map<std::string_view, Name> all{
      {"messaging.system", Name::kSystem},
      {"messaging.operation.type", Name::kOperationType},
      {"messaging.operation", Name::kOperationType},
      {"messaging.operation.name", Name::kOperationName},
      {"messaging.destination.name", Name::kTopic},
      {"messaging.destination", Name::kTopic},
      {"messaging.source.name", Name::kTopic},
      {"messaging.destination.partition.id", Name::kPartition},
      {"messaging.kafka.destination.partition", Name::kPartition},
      {"messaging.kafka.source.partition", Name::kPartition},
      {"messaging.kafka.partition", Name::kPartition},
      {"messaging.kafka.offset", Name::kOffset},
      {"messaging.kafka.message.offset", Name::kOffset},
      {"messaging.consumer.group.name", Name::kGroup},
      {"messaging.kafka.consumer.group", Name::kGroup},
      {"messaging.kafka.consumer_group", Name::kGroup},
      {"messaging.client.id", Name::kClient},
      {"messaging.client_id", Name::kClient},
      {"messaging.kafka.client_id", Name::kClient},
      {"messaging.kafka.message.key", Name::kKey},
      {"messaging.kafka.message_key", Name::kKey},
      {"messaging.batch.message_count", Name::kCount},
      {"error.type", Name::kErrorType},
      {"waybill.kafka.acks", Name::kAcks},
      {"waybill.kafka.persistence", Name::kPersistence},
      {"waybill.kafka.queue_time_ms", Name::kQueueTime},
      {"waybill.kafka.broker_time_ms", Name::kBrokerTime},
      {"waybill.kafka.record_age_ms", Name::kRecordAge},
      {"kafka.record.queue_time_ms", Name::kRecordAge},
      {"waybill.kafka.transaction.outcome", Name::kOutcome},
      {"waybill.unfinished", Name::kUnfinished},
  };
  return all;
}

// `messaging.operation` was the type before there were two attributes.
Operation operation_of(std::string_view type) {
  static const std::unordered_map<std::string_view, Operation> all{
      {"create", Operation::kCreate},
      {"send", Operation::kSend},
      {"publish", Operation::kSend},
      {"receive", Operation::kReceive},
      {"process", Operation::kProcess},
      {"deliver", Operation::kProcess},
      {"settle", Operation::kSettle},
      {"poll", Operation::kReceive},
      {"commit", Operation::kSettle},
      {"ack", Operation::kSettle},
      {"transaction", Operation::kTransaction},
  };
  const auto found = all.find(type);
  return found == all.end() ? Operation::kOther : found->second;
}

Operation operation_of(SpanKind kind) {
  if (kind == SpanKind::kProducer) return Operation::kSend;
  return kind == SpanKind::kConsumer ? Operation::kProcess : Operation::kOther;
}

evidence::Persistence persistence_of(std::string_view text) {
  if (text == "persisted") return evidence::Persistence::kPersisted;
  if (text == "possibly_persisted") return evidence::Persistence::kPossiblyPersisted;
  if (text == "not_persisted") return evidence::Persistence::kNotPersisted;
  return evidence::Persistence::kUnknown;
}

std::int32_t partition_of(const AnyValue& value) {
  const auto number = number_of(value);
  const bool fits = number && *number >= 0 && *number <= std::numeric_limits<std::int32_t>::max();
  return fits ? static_cast<std::int32_t>(*number) : -1;
}

std::int64_t offset_of(const AnyValue& value) {
  const auto number = number_of(value);
  return number && *number >= 0 ? *number : -1;
}

std::uint32_t count_of(const AnyValue& value) {
  const auto number = number_of(value);
  const bool fits = number && *number >= 0 && *number <= std::numeric_limits<std::uint32_t>::max();
  return fits ? static_cast<std::uint32_t>(*number) : 1;
}

void read_place(Name name, const AnyValue& value, evidence::Place& place) {
  if (name == Name::kTopic) place.topic = text_of(value);
  if (name == Name::kPartition) place.partition = partition_of(value);
  if (name == Name::kOffset) place.offset = offset_of(value);
}

void read_own(Name name, const AnyValue& value, Span& span) {
  if (name == Name::kAcks) {
    if (const auto number = number_of(value)) span.acks = static_cast<std::int32_t>(*number);
  }
  if (name == Name::kPersistence) span.persistence = persistence_of(text_of(value));
  if (name == Name::kQueueTime) span.queue_ms = real_of(value);
  if (name == Name::kBrokerTime) span.broker_ms = real_of(value);
  if (name == Name::kRecordAge) span.age_ms = real_of(value);
  if (name == Name::kOutcome) span.outcome = text_of(value);
  if (name == Name::kUnfinished) span.unfinished = value.bool_value();
}

// What of a span is read before it is known to be Kafka's.
struct Found {
  bool is_kafka = false;
  Operation by_type = Operation::kOther;
  Operation by_name = Operation::kOther;
};

void read_one(Name name, const AnyValue& value, Span& span, Found& found) {
  switch (name) {
    case Name::kSystem:
      found.is_kafka = text_of(value) == "kafka";
      return;
    case Name::kOperationType:
      found.by_type = operation_of(text_of(value));
      return;
    case Name::kOperationName:
      found.by_name = operation_of(text_of(value));
      return;
    case Name::kGroup:
      span.group = text_of(value);
      return;
    case Name::kClient:
      span.client_id = text_of(value);
      return;
    case Name::kKey:
      span.key = text_of(value);
      return;
    case Name::kCount:
      span.messages = count_of(value);
      return;
    case Name::kErrorType:
      span.error_type = text_of(value);
      return;
    default:
      read_place(name, value, span.place);
      read_own(name, value, span);
  }
}

}  // namespace

void read_messaging(const opentelemetry::proto::trace::v1::Span& from, Span& span) {
  Found found;
  for (const KeyValue& attribute : from.attributes()) {
    const auto name = names().find(attribute.key());
    if (name != names().end()) read_one(name->second, attribute.value(), span, found);
  }
  if (!found.is_kafka) {
    span.place = {};
    span.group.clear();
    span.client_id.clear();
    span.key.reset();
    span.messages = 1;
    return;
  }
  span.operation = found.by_type != Operation::kOther ? found.by_type : found.by_name;
  if (span.operation == Operation::kOther) span.operation = operation_of(span.kind);
}

evidence::Place place_of(const KeyValues& attributes) {
  evidence::Place place;
  for (const KeyValue& attribute : attributes) {
    const auto name = names().find(attribute.key());
    if (name != names().end()) read_place(name->second, attribute.value(), place);
  }
  return place;
}

}  // namespace waybill::otlp::internal
