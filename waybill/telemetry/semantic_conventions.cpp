#include "waybill/telemetry/semantic_conventions.h"

#include <absl/container/inlined_vector.h>

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

// The attributes of a span, a link or a shape while they are gathered.
class AttributeList {
 public:
  explicit AttributeList(Arena& memory) : memory_{memory} {}

  // Texts are copied.
  void put(std::string_view key, std::string_view text) { attributes_.push_back({key, memory_.keep(text)}); }
  void put(std::string_view key, std::int64_t number) { attributes_.push_back({key, number}); }
  void put(std::string_view key, double number) { attributes_.push_back({key, number}); }
  void put_true(std::string_view key) { attributes_.push_back({key, true}); }
  void put_unless_empty(std::string_view key, std::string_view text) {
    if (!text.empty()) put(key, text);
  }

  // Cuts the list to `most` attributes and each to its length; returns how many were left out.
  std::uint32_t limit(std::size_t most, const SpanLimits& limits) {
    std::uint32_t dropped = 0;
    if (attributes_.size() > most) {
      dropped = static_cast<std::uint32_t>(attributes_.size() - most);
      attributes_.resize(most);
    }
    if (limits.attribute_value_length == SIZE_MAX) return dropped;
    for (Attribute& attribute : attributes_) {
      if (auto* text = std::get_if<std::string_view>(&attribute.value))
        *text = cut_utf8(*text, limits.attribute_value_length);
    }
    return dropped;
  }

  std::span<const Attribute> keep() { return memory_.keep(std::span<const Attribute>{attributes_}); }

 private:
  Arena& memory_;
  absl::InlinedVector<Attribute, 20> attributes_;
};

std::string span_name(std::string_view operation, std::string_view topic) {
  std::string name{operation};
  if (!topic.empty()) name.append(" ").append(topic);
  return name;
}

void put_operation(AttributeList& attributes, const OperationName& operation) {
  attributes.put("messaging.system", "kafka");
  attributes.put("messaging.operation.name", operation.name);
  attributes.put("messaging.operation.type", operation.type);
}

void put_client(AttributeList& attributes, const ClientView& client) {
  attributes.put_unless_empty("messaging.client.id", client.profile->client_id);
  attributes.put_unless_empty("messaging.kafka.cluster.id", client.cluster_id);
}

void put_server(AttributeList& attributes, const Server& broker, const Server& first_server) {
  const Server& server = broker.host.empty() ? first_server : broker;
  if (server.host.empty()) return;
  attributes.put("server.address", server.host);
  if (server.port != 0) attributes.put("server.port", server.port);
  if (broker.host.empty() || !broker.is_address()) return;
  attributes.put("network.peer.address", broker.host);
  if (broker.port != 0) attributes.put("network.peer.port", broker.port);
}

void put_partition(AttributeList& attributes, std::int32_t partition) {
  if (partition >= 0) attributes.put("messaging.destination.partition.id", std::to_string(partition));
}

// The conventions know keys as text only. A binary key has no faithful text, so it is left out.
void put_key(AttributeList& attributes, const std::optional<std::string_view>& key) {
  if (key && is_utf8(*key)) attributes.put("messaging.kafka.message.key", *key);
}

void put_message(AttributeList& attributes, const MessageView& message) {
  if (message.offset >= 0) attributes.put("messaging.kafka.offset", message.offset);
  put_key(attributes, message.key);
  if (message.tombstone) attributes.put_true("messaging.kafka.message.tombstone");
  if (message.record_age_ms) attributes.put("waybill.kafka.record_age_ms", *message.record_age_ms);
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
std::span<const Attribute> link_attributes(const MessageView& message, const ConsumeFacts& facts,
                                           const SpanLimits& limits, Arena& memory) {
  AttributeList attributes{memory};
  if (facts.topic.empty()) attributes.put_unless_empty("messaging.destination.name", message.topic);
  if (facts.partition < 0) put_partition(attributes, message.partition);
  put_message(attributes, message);
  attributes.limit(SIZE_MAX, limits);
  return attributes.keep();
}

// The limit counts what the shape has too.
void set_attributes(Span& span, AttributeList& attributes, const SpanLimits& limits) {
  const std::size_t taken = std::min(span.shape->attributes.size(), limits.attribute_count);
  span.dropped_attributes_count = attributes.limit(limits.attribute_count - taken, limits);
  span.attributes = attributes.keep();
}

void set_links(Span& span, const ConsumeOperation& operation, const ConsumeFacts& facts,
               const SpanLimits& limits, Arena& memory) {
  absl::InlinedVector<Link, 1> links;
  for (const MessageView& message : operation.messages) {
    if (!message.creation.valid()) continue;
    if (links.size() == limits.link_count) {
      ++span.dropped_links_count;
      continue;
    }
    Link& link = links.emplace_back(Link{message.creation, memory.keep(message.trace_state), {}});
    if (facts.batch) link.attributes = link_attributes(message, facts, limits, memory);
  }
  span.links = memory.keep(std::span<const Link>{links});
}

}  // namespace

SpanShape send_shape(const SendFacts& facts, const ClientView& client, const SpanLimits& limits,
                     Arena& memory) {
  SpanShape shape;
  shape.name = memory.keep(span_name("send", facts.topic));
  shape.kind = facts.injected ? SpanKind::kProducer : SpanKind::kClient;
  AttributeList attributes{memory};
  put_operation(attributes, {"send", "send", shape.kind});
  attributes.put_unless_empty("messaging.destination.name", facts.topic);
  put_partition(attributes, facts.partition);
  put_client(attributes, client);
  put_server(attributes, facts.broker, client.profile->first_server);
  if (client.profile->acks) attributes.put("waybill.kafka.acks", *client.profile->acks);
  if (const char* text = text_of(facts.persistence)) attributes.put("waybill.kafka.persistence", text);
  if (facts.unfinished) attributes.put_true("waybill.unfinished");
  if (facts.failure) {
    attributes.put("error.type", facts.failure->type);
    shape.status = StatusCode::kError;
    shape.status_message = memory.keep(facts.failure->description);
  }
  shape.dropped_attributes_count = attributes.limit(limits.attribute_count, limits);
  shape.attributes = attributes.keep();
  return shape;
}

Span send_span(const SendOperation& operation, const SpanShape& shape, const SpanLimits& limits,
               Arena& memory) {
  Span span;
  span.shape = &shape;
  span.context = operation.context;
  span.parent_span_id = operation.parent;
  span.trace_state = memory.keep(operation.trace_state);
  span.start_unix_ns = operation.start_unix_ns;
  span.end_unix_ns = operation.end_unix_ns;
  AttributeList attributes{memory};
  if (operation.offset) attributes.put("messaging.kafka.offset", *operation.offset);
  put_key(attributes, operation.key);
  if (operation.tombstone) attributes.put_true("messaging.kafka.message.tombstone");
  if (operation.queue_time_ms) attributes.put("waybill.kafka.queue_time_ms", *operation.queue_time_ms);
  if (operation.broker_time_ms) attributes.put("waybill.kafka.broker_time_ms", *operation.broker_time_ms);
  set_attributes(span, attributes, limits);
  if (operation.link.valid()) {
    const Link link{operation.link, {}, {}};
    span.links = memory.keep(std::span{&link, 1});
  }
  return span;
}

SpanShape consume_shape(const ConsumeFacts& facts, const ClientView& client, const SpanLimits& limits,
                        Arena& memory) {
  const OperationName name = name_of(facts.kind);
  SpanShape shape;
  shape.name = memory.keep(span_name(name.name, facts.topic));
  shape.kind = name.kind;
  AttributeList attributes{memory};
  put_operation(attributes, name);
  attributes.put_unless_empty("messaging.destination.name", facts.topic);
  put_partition(attributes, facts.partition);
  attributes.put_unless_empty("messaging.consumer.group.name", client.profile->group_id);
  put_client(attributes, client);
  put_server(attributes, {}, client.profile->first_server);
  if (facts.unfinished) attributes.put_true("waybill.unfinished");
  shape.dropped_attributes_count = attributes.limit(limits.attribute_count, limits);
  shape.attributes = attributes.keep();
  return shape;
}

Span consume_span(const ConsumeOperation& operation, const ConsumeFacts& facts, const SpanShape& shape,
                  const SpanLimits& limits, Arena& memory) {
  Span span;
  span.shape = &shape;
  span.context = operation.context;
  span.parent_span_id = operation.parent;
  span.parent_is_remote = operation.parent_is_remote;
  span.trace_state = memory.keep(operation.trace_state);
  span.start_unix_ns = operation.start_unix_ns;
  span.end_unix_ns = operation.end_unix_ns;
  AttributeList attributes{memory};
  if (facts.batch) {
    attributes.put("messaging.batch.message_count", std::int64_t{operation.message_count});
  } else if (!operation.messages.empty()) {
    put_message(attributes, operation.messages.front());
  }
  set_attributes(span, attributes, limits);
  set_links(span, operation, facts, limits, memory);
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
