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

void put(Attributes& attributes, const char* key, AttributeValue value) {
  attributes.push_back({key, std::move(value)});
}

void put_text(Attributes& attributes, const char* key, const std::string& text) {
  if (!text.empty()) put(attributes, key, text);
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

// The conventions know keys as text only. A binary key has no faithful text, so it is left out.
void put_key(Attributes& attributes, const std::optional<std::string>& key) {
  if (key && is_utf8(*key)) put(attributes, "messaging.kafka.message.key", *key);
}

void put_message(Attributes& attributes, const MessageView& message) {
  if (message.partition >= 0)
    put(attributes, "messaging.destination.partition.id", std::to_string(message.partition));
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

// The topic that all messages share; empty when they do not.
std::string common_topic(const std::vector<MessageView>& messages) {
  if (messages.empty()) return {};
  const std::string& first = messages.front().topic;
  const bool common = std::all_of(messages.begin(), messages.end(),
                                  [&](const MessageView& one) { return one.topic == first; });
  return common ? first : std::string{};
}

bool common_partition(const std::vector<MessageView>& messages) {
  return std::all_of(messages.begin(), messages.end(),
                     [&](const MessageView& one) { return one.partition == messages.front().partition; });
}

// In a batch, what varies between its messages stands on the link of each.
Attributes link_attributes(const MessageView& message, bool same_topic, bool same_partition) {
  Attributes attributes;
  if (!same_topic) put_text(attributes, "messaging.destination.name", message.topic);
  MessageView rest = message;
  if (same_topic && same_partition) rest.partition = -1;
  put_message(attributes, rest);
  return attributes;
}

void limit_value(AttributeValue& value, std::size_t most) {
  if (auto* text = std::get_if<std::string>(&value)) {
    text->resize(cut_utf8(*text, most).size());
  } else if (auto* texts = std::get_if<std::vector<std::string>>(&value)) {
    for (std::string& one : *texts) one.resize(cut_utf8(one, most).size());
  }
}

void apply(const SpanLimits& limits, Span& span) {
  if (span.attributes.size() > limits.attribute_count) {
    span.dropped_attributes_count =
        static_cast<std::uint32_t>(span.attributes.size() - limits.attribute_count);
    span.attributes.resize(limits.attribute_count);
  }
  for (Attribute& attribute : span.attributes) limit_value(attribute.value, limits.attribute_value_length);
  for (Link& link : span.links) {
    for (Attribute& attribute : link.attributes) limit_value(attribute.value, limits.attribute_value_length);
  }
}

void add_links(const ConsumeOperation& operation, const SpanLimits& limits, bool same_topic,
               bool same_partition, Span& span) {
  for (const MessageView& message : operation.messages) {
    if (!message.creation.valid()) continue;
    if (span.links.size() == limits.link_count) {
      ++span.dropped_links_count;
      continue;
    }
    Link link{message.creation, message.trace_state, {}};
    if (operation.batch) link.attributes = link_attributes(message, same_topic, same_partition);
    span.links.push_back(std::move(link));
  }
}

}  // namespace

Span send_span(const SendOperation& operation, const ClientView& client, const SpanLimits& limits) {
  Span span;
  span.context = operation.context;
  span.parent_span_id = operation.parent;
  span.trace_state = operation.trace_state;
  span.name = span_name("send", operation.topic);
  span.kind = operation.injected ? SpanKind::kProducer : SpanKind::kClient;
  span.start_unix_ns = operation.start_unix_ns;
  span.end_unix_ns = operation.end_unix_ns;

  Attributes& attributes = span.attributes;
  put_operation(attributes, {"send", "send", span.kind});
  put_text(attributes, "messaging.destination.name", operation.topic);
  if (operation.partition >= 0)
    put(attributes, "messaging.destination.partition.id", std::to_string(operation.partition));
  if (operation.offset) put(attributes, "messaging.kafka.offset", *operation.offset);
  put_key(attributes, operation.key);
  if (operation.tombstone) put(attributes, "messaging.kafka.message.tombstone", true);
  put_client(attributes, client);
  put_server(attributes, operation.broker, client.profile->first_server);
  if (client.profile->acks) put(attributes, "waybill.kafka.acks", *client.profile->acks);
  if (const char* text = text_of(operation.persistence))
    put(attributes, "waybill.kafka.persistence", std::string{text});
  if (operation.queue_time_ms) put(attributes, "waybill.kafka.queue_time_ms", *operation.queue_time_ms);
  if (operation.broker_time_ms) put(attributes, "waybill.kafka.broker_time_ms", *operation.broker_time_ms);
  if (operation.unfinished) put(attributes, "waybill.unfinished", true);
  if (operation.failure) {
    put(attributes, "error.type", operation.failure->type);
    span.status = StatusCode::kError;
    span.status_message = operation.failure->description;
  }
  if (operation.link.valid()) span.links.push_back({operation.link, {}, {}});
  apply(limits, span);
  return span;
}

Span consume_span(const ConsumeOperation& operation, const ClientView& client, const SpanLimits& limits) {
  const OperationName name = name_of(operation.kind);
  const std::string topic = common_topic(operation.messages);
  const bool same_partition = !topic.empty() && common_partition(operation.messages);
  Span span;
  span.context = operation.context;
  span.parent_span_id = operation.parent;
  span.parent_is_remote = operation.parent_is_remote;
  span.trace_state = operation.trace_state;
  span.name = span_name(name.name, topic);
  span.kind = name.kind;
  span.start_unix_ns = operation.start_unix_ns;
  span.end_unix_ns = operation.end_unix_ns;

  Attributes& attributes = span.attributes;
  put_operation(attributes, name);
  put_text(attributes, "messaging.destination.name", topic);
  put_text(attributes, "messaging.consumer.group.name", client.profile->group_id);
  if (operation.batch) {
    put(attributes, "messaging.batch.message_count", static_cast<std::int64_t>(operation.message_count));
    if (same_partition && operation.messages.front().partition >= 0) {
      put(attributes, "messaging.destination.partition.id",
          std::to_string(operation.messages.front().partition));
    }
  } else if (!operation.messages.empty()) {
    put_message(attributes, operation.messages.front());
  }
  put_client(attributes, client);
  put_server(attributes, {}, client.profile->first_server);
  if (operation.unfinished) put(attributes, "waybill.unfinished", true);
  add_links(operation, limits, !topic.empty(), same_partition, span);
  apply(limits, span);
  return span;
}

}  // namespace waybill::telemetry
