#include "waybill/telemetry/semantic_conventions.h"

#include <absl/container/inlined_vector.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "waybill/context/hex.h"
#include "waybill/telemetry/attribute_list.h"
#include "waybill/telemetry/given_attributes.h"
#include "waybill/telemetry/header_attributes.h"
#include "waybill/telemetry/sha256.h"
#include "waybill/telemetry/utf8.h"

namespace waybill::telemetry {
namespace {

struct OperationName {
  const char* name;
  const char* type;
  SpanKind kind;
  const char* old_type;  // what messaging.operation was until v1.24
};

OperationName name_of(segment::ConsumeOperation kind) {
  if (kind == segment::ConsumeOperation::kReceive) return {"poll", "receive", SpanKind::kClient, "receive"};
  return {"process", "process", SpanKind::kConsumer, "process"};
}

OperationName name_of(const WholeFacts& facts) {
  switch (facts.kind) {
    case segment::WholeKind::kSettle:
      return {"commit", "settle", SpanKind::kClient, "settle"};
    case segment::WholeKind::kSend:
      return {"send", "send", facts.injected ? SpanKind::kProducer : SpanKind::kClient, "publish"};
    case segment::WholeKind::kReceive:
      return name_of(segment::ConsumeOperation::kReceive);
    case segment::WholeKind::kTransaction:
      break;
  }
  return {"transaction", "", SpanKind::kInternal, ""};
}

// What stands for a key that is not to be seen: equal keys stay equal, and half of the digits tell them
// apart.
std::string hashed_key(std::string_view key) {
  const std::array<std::uint8_t, 32> hash = sha256(key);
  std::string text = "sha256:" + std::string(hash.size(), '0');
  context::to_hex(hash.data(), hash.size() / 2, text.data() + 7);
  return text;
}

std::string span_name(std::string_view operation, std::string_view topic) {
  std::string name{operation};
  if (!topic.empty()) name.append(" ").append(topic);
  return name;
}

void put_operation(AttributeList& attributes, const OperationName& operation, const SpanLimits& limits) {
  attributes.put("messaging.system", "kafka");
  attributes.put("messaging.operation.name", operation.name);
  attributes.put("messaging.operation.type", operation.type);
  if (limits.old_names) attributes.put("messaging.operation", operation.old_type);
}

void put_group(AttributeList& attributes, const ClientView& client, const SpanLimits& limits) {
  attributes.put_unless_empty("messaging.consumer.group.name", client.profile->group_id);
  if (limits.old_names)
    attributes.put_unless_empty("messaging.kafka.consumer.group", client.profile->group_id);
}

void put_client(AttributeList& attributes, const ClientView& client, const SpanLimits& limits) {
  attributes.put_unless_empty("messaging.client.id", client.profile->client_id);
  if (limits.old_names) attributes.put_unless_empty("messaging.client_id", client.profile->client_id);
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

void put_partition(AttributeList& attributes, std::int32_t partition, const SpanLimits& limits) {
  if (partition < 0) return;
  attributes.put("messaging.destination.partition.id", std::to_string(partition));
  if (limits.old_names) attributes.put("messaging.kafka.destination.partition", std::int64_t{partition});
}

void put_offset(AttributeList& attributes, std::int64_t offset, const SpanLimits& limits) {
  attributes.put("messaging.kafka.offset", offset);
  if (limits.old_names) attributes.put("messaging.kafka.message.offset", offset);
}

// The conventions know keys as text only. A binary key has no faithful text, so it is left out; a hash it
// has.
void put_key(AttributeList& attributes, const std::optional<std::string_view>& key,
             const SpanLimits& limits) {
  if (!key) return;
  if (limits.hashed_keys) {
    attributes.put("messaging.kafka.message.key", hashed_key(*key));
  } else if (is_utf8(*key)) {
    attributes.put("messaging.kafka.message.key", *key);
  }
}

void put_size(AttributeList& attributes, std::uint32_t body_size, const SpanLimits& limits) {
  if (limits.sizes) attributes.put("messaging.message.body.size", std::int64_t{body_size});
}

void put_message(AttributeList& attributes, const MessageView& message, const SpanLimits& limits) {
  if (message.offset >= 0) put_offset(attributes, message.offset, limits);
  put_key(attributes, message.key, limits);
  if (message.tombstone) attributes.put_true("messaging.kafka.message.tombstone");
  put_size(attributes, message.body_size, limits);
  put_headers(attributes, message.headers);
  if (message.record_age_ms) attributes.put("waybill.kafka.record_age_ms", *message.record_age_ms);
  put_given(attributes, message.headers);
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

const char* text_of(segment::Outcome outcome) {
  switch (outcome) {
    case segment::Outcome::kCommitted:
      return "committed";
    case segment::Outcome::kAborted:
      return "aborted";
    case segment::Outcome::kUnknown:
      return "unknown";
    case segment::Outcome::kNone:
      break;
  }
  return nullptr;
}

// In a batch, what varies between its messages stands on the link of each.
void set_attributes(Link& link, const MessageView& message, const ConsumeFacts& facts,
                    const SpanLimits& limits, Arena& memory) {
  AttributeList attributes{memory};
  if (facts.topic.empty()) attributes.put_unless_empty("messaging.destination.name", message.topic);
  if (facts.partition < 0) put_partition(attributes, message.partition, limits);
  put_message(attributes, message, limits);
  link.dropped_attributes_count =
      attributes.limit(limits.link_attribute_count, limits.attribute_value_length);
  link.attributes = attributes.keep();
}

// The limit counts what the shape has too.
void set_attributes(Span& span, AttributeList& attributes, const SpanLimits& limits) {
  const std::size_t taken = std::min(span.shape->attributes.size(), limits.attribute_count);
  span.dropped_attributes_count =
      attributes.limit(limits.attribute_count - taken, limits.attribute_value_length);
  span.attributes = attributes.keep();
}

void put_failure(AttributeList& attributes, const Failure& failure, SpanShape& shape, Arena& memory) {
  attributes.put("error.type", failure.type);
  shape.status = StatusCode::kError;
  shape.status_message = memory.keep(failure.description);
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
    if (facts.batch) set_attributes(link, message, facts, limits, memory);
  }
  span.links = memory.keep(std::span<const Link>{links});
}

}  // namespace

SpanShape send_shape(const SendFacts& facts, const ClientView& client, const SpanLimits& limits,
                     Arena& memory) {
  SpanShape shape;
  const char* name = facts.creates ? "create" : "send";
  shape.name = memory.keep(span_name(name, facts.topic));
  shape.kind = facts.injected || facts.creates ? SpanKind::kProducer : SpanKind::kClient;
  AttributeList attributes{memory};
  put_operation(attributes, {name, name, shape.kind, facts.creates ? "create" : "publish"}, limits);
  attributes.put_unless_empty("messaging.destination.name", facts.topic);
  put_partition(attributes, facts.partition, limits);
  if (!facts.creates) put_client(attributes, client, limits);
  put_server(attributes, facts.broker, client.profile->first_server);
  if (client.profile->acks) attributes.put("waybill.kafka.acks", *client.profile->acks);
  if (const char* text = text_of(facts.persistence)) attributes.put("waybill.kafka.persistence", text);
  if (facts.unfinished) attributes.put_true("waybill.unfinished");
  if (facts.failure) put_failure(attributes, *facts.failure, shape, memory);
  shape.dropped_attributes_count = attributes.limit(limits.attribute_count, limits.attribute_value_length);
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
  if (operation.offset) put_offset(attributes, *operation.offset, limits);
  put_key(attributes, operation.key, limits);
  if (operation.tombstone) attributes.put_true("messaging.kafka.message.tombstone");
  put_size(attributes, operation.body_size, limits);
  put_headers(attributes, operation.headers);
  if (operation.queue_time_ms) attributes.put("waybill.kafka.queue_time_ms", *operation.queue_time_ms);
  if (operation.broker_time_ms) attributes.put("waybill.kafka.broker_time_ms", *operation.broker_time_ms);
  attributes.put_unless_empty("waybill.kept", operation.kept);
  put_given(attributes, operation.headers);
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
  put_operation(attributes, name, limits);
  attributes.put_unless_empty("messaging.destination.name", facts.topic);
  put_partition(attributes, facts.partition, limits);
  put_group(attributes, client, limits);
  put_client(attributes, client, limits);
  put_server(attributes, {}, client.profile->first_server);
  if (facts.unfinished) attributes.put_true("waybill.unfinished");
  if (facts.failure) put_failure(attributes, *facts.failure, shape, memory);
  shape.dropped_attributes_count = attributes.limit(limits.attribute_count, limits.attribute_value_length);
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
    put_message(attributes, operation.messages.front(), limits);
  }
  attributes.put_unless_empty("waybill.kept", operation.kept);
  set_attributes(span, attributes, limits);
  set_links(span, operation, facts, limits, memory);
  return span;
}

SpanShape whole_shape(const WholeFacts& facts, const ClientView& client, const SpanLimits& limits,
                      Arena& memory) {
  const bool is_transaction = facts.kind == segment::WholeKind::kTransaction;
  const OperationName name = name_of(facts);
  SpanShape shape;
  shape.name = memory.keep(span_name(name.name, facts.topic));
  shape.kind = name.kind;
  AttributeList attributes{memory};
  if (is_transaction) {
    attributes.put("messaging.system", "kafka");
    attributes.put("messaging.operation.name", name.name);
  } else {
    put_operation(attributes, name, limits);
    attributes.put_unless_empty("messaging.destination.name", facts.topic);
    put_partition(attributes, facts.partition, limits);
  }
  if (facts.kind == segment::WholeKind::kSettle || facts.kind == segment::WholeKind::kReceive)
    put_group(attributes, client, limits);
  put_client(attributes, client, limits);
  put_server(attributes, {}, client.profile->first_server);
  if (facts.kind == segment::WholeKind::kSend && client.profile->acks)
    attributes.put("waybill.kafka.acks", *client.profile->acks);
  if (const char* text = text_of(facts.outcome)) attributes.put("waybill.kafka.transaction.outcome", text);
  if (facts.failure) put_failure(attributes, *facts.failure, shape, memory);
  shape.dropped_attributes_count = attributes.limit(limits.attribute_count, limits.attribute_value_length);
  shape.attributes = attributes.keep();
  return shape;
}

Span whole_span(const WholeView& operation, const SpanShape& shape, const SpanLimits& limits, Arena& memory) {
  Span span;
  span.shape = &shape;
  span.context = operation.context;
  span.parent_span_id = operation.parent;
  span.parent_is_remote = operation.parent_is_remote;
  span.trace_state = memory.keep(operation.trace_state);
  span.start_unix_ns = operation.start_unix_ns;
  span.end_unix_ns = operation.end_unix_ns;
  if (shape.status == StatusCode::kError) span.own_status_message = memory.keep(operation.description);
  AttributeList attributes{memory};
  if (operation.offset) put_offset(attributes, *operation.offset, limits);
  if (operation.message_count != 0)
    attributes.put("messaging.batch.message_count", std::int64_t{operation.message_count});
  attributes.put_unless_empty("waybill.kept", operation.kept);
  set_attributes(span, attributes, limits);
  const std::size_t most = std::min(operation.links.size(), limits.link_count);
  absl::InlinedVector<Link, 1> links;
  for (const context::SpanContext& link : operation.links.first(most)) links.push_back({link, {}, {}});
  span.links = memory.keep(std::span<const Link>{links});
  span.dropped_links_count =
      operation.links_left_out + static_cast<std::uint32_t>(operation.links.size() - most);
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
