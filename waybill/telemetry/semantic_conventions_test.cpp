#include "waybill/telemetry/semantic_conventions.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "waybill/segment/header_texts.h"

// What we emit is pinned by golden/spans.txt: a change of the conventions is seen as a difference of that
// file.
namespace waybill::telemetry {
namespace {

std::string hex_of(const auto& id) {
  std::ostringstream text;
  for (const std::uint8_t byte : id.bytes)
    text << "0123456789abcdef"[byte >> 4U] << "0123456789abcdef"[byte & 15U];
  return text.str();
}

std::string rendered(const AttributeValue& value) {
  std::ostringstream text;
  if (const auto* string = std::get_if<std::string_view>(&value)) text << '"' << *string << '"';
  if (const auto* boolean = std::get_if<bool>(&value)) text << (*boolean ? "true" : "false");
  if (const auto* integer = std::get_if<std::int64_t>(&value)) text << *integer;
  if (const auto* number = std::get_if<double>(&value)) text << "double " << *number;
  if (const auto* texts = std::get_if<std::span<const std::string_view>>(&value)) {
    text << "[";
    for (const std::string_view& one : *texts) text << (&one == texts->data() ? "\"" : ", \"") << one << '"';
    text << "]";
  }
  return text.str();
}

std::string rendered(const char* title, const Span& span) {
  constexpr const char* kKinds[] = {"?", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"};
  std::ostringstream text;
  text << "# " << title << "\n"
       << kKinds[static_cast<int>(span.shape->kind)] << " \"" << span.shape->name << "\" "
       << span.start_unix_ns << " to " << span.end_unix_ns << "\n"
       << "  context " << hex_of(span.context.trace_id) << " " << hex_of(span.context.span_id) << "\n";
  if (span.parent_span_id.valid())
    text << "  parent " << hex_of(span.parent_span_id) << (span.parent_is_remote ? " remote" : "") << "\n";
  if (!span.trace_state.empty()) text << "  tracestate " << span.trace_state << "\n";
  span.for_each_attribute([&](const Attribute& attribute) {
    text << "  " << attribute.key << " = " << rendered(attribute.value) << "\n";
  });
  const std::uint32_t dropped = span.shape->dropped_attributes_count + span.dropped_attributes_count;
  if (dropped != 0) text << "  (" << dropped << " attributes dropped)\n";
  for (const Link& link : span.links) {
    text << "  link " << hex_of(link.context.trace_id) << " " << hex_of(link.context.span_id) << " "
         << link.trace_state << "\n";
    for (const Attribute& attribute : link.attributes)
      text << "    " << attribute.key << " = " << rendered(attribute.value) << "\n";
    if (link.dropped_attributes_count != 0)
      text << "    (" << link.dropped_attributes_count << " attributes dropped)\n";
  }
  if (span.dropped_links_count != 0) text << "  (" << span.dropped_links_count << " links dropped)\n";
  if (span.shape->status == StatusCode::kError) text << "  ERROR " << span.status_message() << "\n";
  return text.str() + "\n";
}

context::SpanContext context_of(std::uint8_t trace, std::uint8_t span) {
  context::SpanContext context;
  context.trace_id.bytes.fill(trace);
  context.span_id.bytes.fill(span);
  context.flags = context::kFlagSampled;
  return context;
}

ClientProfile profile() {
  ClientProfile client;
  client.client_id = "shop-1";
  client.group_id = "shop";
  client.first_server = {"broker-1", 9092};
  client.acks = -1;
  return client;
}

// A send with what it shares with others.
struct Send {
  SendOperation own;
  SendFacts facts;
};

std::string rendered(const char* title, const Send& send, const ClientView& client,
                     const SpanLimits& limits = {}) {
  Arena memory;
  const SpanShape shape = send_shape(send.facts, client, limits, memory);
  return rendered(title, send_span(send.own, shape, limits, memory));
}

Send sent() {
  Send send;
  send.own.context = context_of(0x11, 0x22);
  send.own.start_unix_ns = 1000;
  send.own.end_unix_ns = 3500;
  send.own.offset = 0;
  send.own.key = "customer-1";
  send.own.queue_time_ms = 0.5;
  send.own.broker_time_ms = 2;
  send.facts.injected = true;
  send.facts.topic = "orders";
  send.facts.partition = 0;
  send.facts.persistence = segment::Persistence::kPersisted;
  send.facts.broker = {"10.0.0.7", 9093};
  return send;
}

Send failed() {
  Send send = sent();
  send.own.offset.reset();
  send.own.key.reset();
  send.own.queue_time_ms.reset();
  send.facts.partition = -1;
  send.facts.broker = {};
  send.facts.persistence = segment::Persistence::kPossiblyPersisted;
  send.facts.failure = Failure{"_MSG_TIMED_OUT", "Local: Message timed out"};
  return send;
}

MessageView message(std::int64_t offset) {
  static constexpr std::string_view kKeys[] = {"customer-0", "customer-1", "customer-2", "customer-3"};
  MessageView view;
  view.creation = context_of(0x33, static_cast<std::uint8_t>(0x40 + offset));
  view.trace_state = "vendor=1";
  view.topic = "orders";
  view.partition = 3;
  view.offset = offset;
  view.key = kKeys[offset];
  view.record_age_ms = 12.5;
  view.body_size = static_cast<std::uint32_t>(100 * offset);
  return view;
}

std::string rendered(const char* title, const std::vector<MessageView>& messages, const ClientView& client,
                     const SpanLimits& limits = {},
                     segment::ConsumeOperation kind = segment::ConsumeOperation::kProcess) {
  ConsumeFacts facts;
  facts.kind = kind;
  facts.topic = common_topic(messages);
  facts.partition = common_partition(messages);
  facts.batch = messages.size() > 1;
  ConsumeOperation operation;
  operation.context = context_of(0x33, 0x55);
  operation.start_unix_ns = 5000;
  operation.end_unix_ns = 9000;
  operation.message_count = static_cast<std::uint32_t>(messages.size());
  if (!facts.batch) operation.trace_state = "vendor=1";
  if (!facts.batch && kind == segment::ConsumeOperation::kProcess) {
    operation.parent = messages.front().creation.span_id;
    operation.parent_is_remote = true;
  }
  operation.messages = messages;
  Arena memory;
  const SpanShape shape = consume_shape(facts, client, limits, memory);
  return rendered(title, consume_span(operation, facts, shape, limits, memory));
}

std::string with_headers(const ClientView& client) {
  segment::HeaderTexts headers;
  for (const std::string_view value : {"eu", "us"})
    headers.add("tenant", value.data(), value.size(), segment::kForAttribute);
  headers.add("retry", nullptr, 0, segment::kForAttribute);
  headers.add("call", "call-7", 6, segment::kForConversationId);
  std::vector<std::uint8_t> bytes(headers.size());
  headers.write(bytes.data());
  const RecordHeaders captured{reinterpret_cast<const char*>(bytes.data())};
  Send send = sent();
  send.own.headers = captured;
  MessageView consumed = message(1);
  consumed.headers = captured;
  return rendered("a send, with its headers", send, client) +
         rendered("a processed message, with its headers", {consumed}, client) +
         rendered("a processed batch, with the headers of one message", {consumed, message(2)}, client);
}

std::string rendered(const char* title, const WholeView& own, const WholeFacts& facts,
                     const ClientView& client, const SpanLimits& limits = {}) {
  Arena memory;
  const SpanShape shape = whole_shape(facts, client, limits, memory);
  return rendered(title, whole_span(own, shape, limits, memory));
}

std::string sent_in_a_batch(const ClientView& client, std::span<const context::SpanContext> created) {
  Send message = sent();
  message.facts.creates = true;
  message.own.offset.reset();
  std::string text = rendered("a message of a batch", message, client);
  WholeView own;
  own.context = context_of(0x36, 0x58);
  own.start_unix_ns = 1000;
  own.end_unix_ns = 4000;
  own.links = created;
  own.message_count = 2;
  WholeFacts facts;
  facts.kind = segment::WholeKind::kSend;
  facts.topic = "orders";
  text += rendered("a batch that was sent", own, facts, client);
  facts.injected = true;
  facts.failure = Failure{"_MSG_TIMED_OUT", "Local: Message timed out"};
  own.description = "1 of 2 messages failed, the first: Local: Message timed out";
  own.links = {};
  return text + rendered("a batch without create spans, of which a message failed", own, facts, client);
}

std::string failed_poll(const ClientView& client) {
  WholeView own;
  own.context = context_of(0x37, 0x59);
  own.start_unix_ns = 1000;
  own.end_unix_ns = 4000;
  own.description = "Subscribed topic not available: orders: Broker: Unknown topic or partition";
  WholeFacts facts;
  facts.kind = segment::WholeKind::kReceive;
  facts.topic = "orders";
  facts.failure = Failure{"UNKNOWN_TOPIC_OR_PART", "Broker: Unknown topic or partition"};
  const std::string text = rendered("a poll that failed", own, facts, client);
  facts = {};
  facts.kind = segment::WholeKind::kReceive;
  facts.failure = Failure{"_MAX_POLL_EXCEEDED", "Local: Maximum application poll interval exceeded"};
  own.description = {};
  return text + rendered("a poll that failed for no topic", own, facts, client);
}

std::string told_as_a_whole(const ClientView& client) {
  WholeView own;
  own.context = context_of(0x33, 0x66);
  own.parent = context_of(0x33, 0x55).span_id;
  own.trace_state = "vendor=1";
  own.start_unix_ns = 5000;
  own.end_unix_ns = 9000;
  WholeFacts facts;
  facts.outcome = segment::Outcome::kCommitted;
  std::string text = rendered("a transaction that was committed", own, facts, client);
  facts.outcome = segment::Outcome::kUnknown;
  facts.failure = Failure{"_FENCED", "Local: Instance was fenced"};
  text += rendered("a transaction of which nobody knows the end", own, facts, client);

  facts = {};
  facts.kind = segment::WholeKind::kSettle;
  facts.topic = "orders";
  facts.partition = 3;
  own.offset = 41;
  text += rendered("a commit of one message", own, facts, client);
  facts.topic.clear();
  facts.partition = -1;
  facts.failure = Failure{"ILLEGAL_GENERATION", "Broker: Specified group generation id is not valid"};
  own.offset.reset();
  const context::SpanContext links[] = {context_of(0x34, 0x56), context_of(0x35, 0x57)};
  own.links = links;
  own.kept = "error";
  text += rendered("a failed commit of several topics", own, facts, client);
  text += sent_in_a_batch(client, links);
  text += failed_poll(client);
  text += rendered("a commit, with the names of v1.24 besides, and 1 link", own, facts, client,
                   {.link_count = 1, .old_names = true});
  return text;
}

std::string all_spans() {
  const ClientProfile client = profile();
  const ClientView view{&client, "cluster-1"};
  const ClientProfile bare;
  std::string text = rendered("a send, partition 0 and offset 0", sent(), view);
  text += rendered("a failed send", failed(), view);

  Send users_own = sent();
  users_own.facts.injected = false;
  users_own.own.link = context_of(0x77, 0x88);
  users_own.own.parent = context_of(0x11, 0x21).span_id;
  text += rendered("a send with the user's own context, inside a process span", users_own, view);

  Send odd = sent();
  odd.own.key = "\xff\xfe";
  odd.own.tombstone = true;
  odd.facts.topic.clear();
  odd.facts.unfinished = true;
  odd.facts.broker = {"broker-7", 9093};
  text += rendered("a binary key, a tombstone, no topic, unfinished; a client of which nothing is known", odd,
                   {&bare, ""});

  text += rendered("a processed message", {message(1)}, view);
  text += rendered("a processed batch", {message(1), message(2)}, view);
  MessageView elsewhere = message(2);
  elsewhere.topic = "payments";
  elsewhere.creation = {};
  elsewhere.tombstone = true;
  text += rendered("a batch over two topics, one message without a context", {message(1), elsewhere}, view);
  text += rendered("a receive", {message(1)}, view, {}, segment::ConsumeOperation::kReceive);

  Send long_key = sent();
  long_key.own.key = "grün und blau";
  text += rendered("limits: 6 attributes of 3 bytes", long_key, view,
                   {.attribute_count = 6, .attribute_value_length = 3});
  text += rendered("limits: 14 attributes of 3 bytes", long_key, view,
                   {.attribute_count = 14, .attribute_value_length = 3});
  text +=
      rendered("limits: 2 attributes of a link", {message(1), message(2)}, view, {.link_attribute_count = 2});
  const SpanLimits old_names{.old_names = true};
  text += rendered("a send, with the names of v1.24 besides", sent(), view, old_names);
  text += rendered("a processed message, with the names of v1.24 besides", {message(1)}, view, old_names);
  text += rendered("a receive, with the names of v1.24 besides", {message(1)}, view, old_names,
                   segment::ConsumeOperation::kReceive);
  const SpanLimits private_keys{.sizes = true, .hashed_keys = true};
  Send binary_key = sent();
  binary_key.own.key = "\xff\xfe";
  binary_key.own.body_size = 1234;
  text += rendered("a send, with its size and its binary key hashed", binary_key, view, private_keys);
  text +=
      rendered("a processed batch, with sizes and hashed keys", {message(1), message(2)}, view, private_keys);
  text += with_headers(view);
  text += told_as_a_whole(view);
  text += rendered("limits: 1 link", {message(1), message(2), message(3)}, view, {.link_count = 1});
  return text;
}

TEST(SemanticConventionsTest, EmitsWhatTheGoldenFileSays) {
  const char* path = WAYBILL_SOURCE_DIR "/waybill/telemetry/golden/spans.txt";
  if (const char* approve = std::getenv("WAYBILL_APPROVE");
      approve != nullptr && std::string_view{approve} == "1") {
    std::ofstream{path} << all_spans();
  }
  std::ifstream file{path};
  std::stringstream content;
  content << file.rdbuf();
  EXPECT_EQ(content.str(), all_spans()) << path << " differs: run bin/test --approve, and review the change";
}

}  // namespace
}  // namespace waybill::telemetry
