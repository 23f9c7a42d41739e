#include "waybill/telemetry/semantic_conventions.h"

#include <algorithm>
#include <string>
#include <utility>

#include "waybill/telemetry/utf8.h"

namespace waybill::telemetry {
namespace {

struct OperationName {
  const char* name;
  const char* type;
  SpanKind kind;
};

OperationName name_of(segment::ConsumeOperation kind) {
  if (kind == segment::ConsumeOperation::kReceive) return {"poll", "receive", SpanKind::kClient};
  return {"process", "process", SpanKind::kConsumer};
}

template <typename List>
void put(List& attributes, std::string_view key, AttributeValue value) {
  attributes.push_back({key, std::move(value)});
}

void put_text(Attributes& attributes, std::string_view key, std::string_view text) {
  if (!text.empty()) put(attributes, key, std::string{text});
}

std::string span_name(const char* operation, const std::string& topic) {
  return topic.empty() ? std::string{operation} : std::string{operation} + " " + topic;
}

void put_operation(Attributes& attributes, const OperationName& operation) {
  put(attributes, "messaging.system", std::string{"kafka"});
  put(attributes, "messaging.operation.name", std::string{operation.name});
  put(attributes, "messaging.operation.type", std::string{operation.type});
}

void put_client(Attributes& attributes, const ClientView& client) {
  put_text(attributes, "messaging.client.id", client.profile->client_id);
  put_text(attributes, "messaging.kafka.cluster.id", client.cluster_id);
}

void put_server(Attributes& attributes, const Server& broker, const Server& first_server) {
  const Server& server = broker.host.empty() ? first_server : broker;
  if (server.host.empty()) return;
  put(attributes, "server.address", server.host);
  if (server.port != 0) put(attributes, "server.port", server.port);
  if (broker.host.empty() || !broker.is_address()) return;
  put(attributes, "network.peer.address", broker.host);
  if (broker.port != 0) put(attributes, "network.peer.port", broker.port);
}

void put_partition(Attributes& attributes, std::int32_t partition) {
  if (partition >= 0) put(attributes, "messaging.destination.partition.id", std::to_string(partition));
}

// The conventions know keys as text only. A binary key has no faithful text, so it is left out.
template <typename List>
void put_key(List& attributes, const std::optional<std::string_view>& key) {
  if (key && is_utf8(*key)) put(attributes, "messaging.kafka.message.key", std::string{*key});
}

template <typename List>
void put_message(List& attributes, const MessageView& message) {
  if (message.offset >= 0) put(attributes, "messaging.kafka.offset", message.offset);
  put_key(attributes, message.key);
  if (message.tombstone) put(attributes, "messaging.kafka.message.tombstone", true);
  if (message.record_age_ms) put(attributes, "waybill.kafka.record_age_ms", *message.record_age_ms);
}

const char* text_of(segment::Persistence persistence) {
  switch (persistence) {
    case segment::Persistence::kNotPersisted:
      return "not_persisted";
    case segment::Persistence::kPossiblyPersisted:
      return "possibly_persisted";
    case segment::Persistence::kPersisted:
      return "persisted";
    case segment::Persistence::kUnknown:
      break;
  }
  return nullptr;
}

// In a batch, what varies between its messages stands on the link of each.
Attributes link_attributes(const MessageView& message, const ConsumeFacts& facts) {
  Attributes attributes;
  if (facts.topic.empty()) put_text(attributes, "messaging.destination.name", message.topic);
  if (facts.partition < 0) put_partition(attributes, message.partition);
  put_message(attributes, message);
  return attributes;
}

void limit_value(AttributeValue& value, std::size_t most) {
  if (auto* text = std::get_if<std::string>(&value)) {
    text->resize(cut_utf8(*text, most).size());
  } else if (auto* texts = std::get_if<std::vector<std::string>>(&value)) {
    for (std::string& one : *texts) one.resize(cut_utf8(one, most).size());
  }
}

// Cuts a list to `most` attributes and each to its length; returns how many were left out.
template <typename List>
std::uint32_t limit(List& attributes, std::size_t most, const SpanLimits& limits) {
  std::uint32_t dropped = 0;
  if (attributes.size() > most) {
    dropped = static_cast<std::uint32_t>(attributes.size() - most);
    attributes.resize(most);
  }
  if (limits.attribute_value_length != SIZE_MAX) {
    for (Attribute& attribute : attributes) limit_value(attribute.value, limits.attribute_value_length);
  }
  return dropped;
}

void limit_own(Span& span, const SpanLimits& limits) {
  const std::size_t taken = span.shape->attributes.size();
  span.dropped_attributes_count =
      limit(span.attributes, limits.attribute_count - std::min(taken, limits.attribute_count), limits);
}

void add_links(const ConsumeOperation& operation, const ConsumeFacts& facts, const SpanLimits& limits,
               Span& span) {
  for (const MessageView& message : operation.messages) {
    if (!message.creation.valid()) continue;
    if (span.links.size() == limits.link_count) {
      ++span.dropped_links_count;
      continue;
    }
    Link link{message.creation, std::string{message.trace_state}, {}};
    if (facts.batch) {
      link.attributes = link_attributes(message, facts);
      limit(link.attributes, SIZE_MAX, limits);
    }
    span.links.push_back(std::move(link));
  }
}

}  // namespace

SpanShape send_shape(const SendFacts& facts, const ClientView& client, const SpanLimits& limits) {
  SpanShape shape;
  shape.name = span_name("send", facts.topic);
  shape.kind = facts.injected ? SpanKind::kProducer : SpanKind::kClient;
  Attributes& attributes = shape.attributes;
  put_operation(attributes, {"send", "send", shape.kind});
  put_text(attributes, "messaging.destination.name", facts.topic);
  put_partition(attributes, facts.partition);
  put_client(attributes, client);
  put_server(attributes, facts.broker, client.profile->first_server);
  if (client.profile->acks) put(attributes, "waybill.kafka.acks", *client.profile->acks);
  if (const char* text = text_of(facts.persistence))
    put(attributes, "waybill.kafka.persistence", std::string{text});
  if (facts.unfinished) put(attributes, "waybill.unfinished", true);
  if (facts.failure) {
    put(attributes, "error.type", facts.failure->type);
    shape.status = StatusCode::kError;
    shape.status_message = facts.failure->description;
  }
  shape.dropped_attributes_count = limit(attributes, limits.attribute_count, limits);
  return shape;
}

Span send_span(const SendOperation& operation, const SpanShape& shape, const SpanLimits& limits) {
  Span span;
  span.shape = &shape;
  span.context = operation.context;
  span.parent_span_id = operation.parent;
  span.trace_state = operation.trace_state;
  span.start_unix_ns = operation.start_unix_ns;
  span.end_unix_ns = operation.end_unix_ns;
  auto& attributes = span.attributes;
  if (operation.offset) put(attributes, "messaging.kafka.offset", *operation.offset);
  put_key(attributes, operation.key);
  if (operation.tombstone) put(attributes, "messaging.kafka.message.tombstone", true);
  if (operation.queue_time_ms) put(attributes, "waybill.kafka.queue_time_ms", *operation.queue_time_ms);
  if (operation.broker_time_ms) put(attributes, "waybill.kafka.broker_time_ms", *operation.broker_time_ms);
  if (operation.link.valid()) span.links.push_back({operation.link, {}, {}});
  limit_own(span, limits);
  return span;
}

SpanShape consume_shape(const ConsumeFacts& facts, const ClientView& client, const SpanLimits& limits) {
  const OperationName name = name_of(facts.kind);
  SpanShape shape;
  shape.name = span_name(name.name, facts.topic);
  shape.kind = name.kind;
  Attributes& attributes = shape.attributes;
  put_operation(attributes, name);
  put_text(attributes, "messaging.destination.name", facts.topic);
  put_partition(attributes, facts.partition);
  put_text(attributes, "messaging.consumer.group.name", client.profile->group_id);
  put_client(attributes, client);
  put_server(attributes, {}, client.profile->first_server);
  if (facts.unfinished) put(attributes, "waybill.unfinished", true);
  shape.dropped_attributes_count = limit(attributes, limits.attribute_count, limits);
  return shape;
}

Span consume_span(const ConsumeOperation& operation, const ConsumeFacts& facts, const SpanShape& shape,
                  const SpanLimits& limits) {
  Span span;
  span.shape = &shape;
  span.context = operation.context;
  span.parent_span_id = operation.parent;
  span.parent_is_remote = operation.parent_is_remote;
  span.trace_state = operation.trace_state;
  span.start_unix_ns = operation.start_unix_ns;
  span.end_unix_ns = operation.end_unix_ns;
  if (facts.batch) {
    put(span.attributes, "messaging.batch.message_count", static_cast<std::int64_t>(operation.message_count));
  } else if (!operation.messages.empty()) {
    put_message(span.attributes, operation.messages.front());
  }
  add_links(operation, facts, limits, span);
  limit_own(span, limits);
  return span;
}

std::string_view common_topic(std::span<const MessageView> messages) {
  if (messages.empty()) return {};
  const std::string_view first = messages.front().topic;
  const bool common = std::all_of(messages.begin(), messages.end(),
                                  [&](const MessageView& one) { return one.topic == first; });
  return common ? first : std::string_view{};
}

std::int32_t common_partition(std::span<const MessageView> messages) {
  if (common_topic(messages).empty()) return -1;
  const std::int32_t first = messages.front().partition;
  const bool common = std::all_of(messages.begin(), messages.end(),
                                  [&](const MessageView& one) { return one.partition == first; });
  return common ? first : -1;
}

}  // namespace waybill::telemetry
