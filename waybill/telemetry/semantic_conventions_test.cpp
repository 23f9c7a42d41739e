#include "waybill/telemetry/semantic_conventions.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

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
  if (const auto* string = std::get_if<std::string>(&value)) text << '"' << *string << '"';
  if (const auto* boolean = std::get_if<bool>(&value)) text << (*boolean ? "true" : "false");
  if (const auto* integer = std::get_if<std::int64_t>(&value)) text << *integer;
  if (const auto* number = std::get_if<double>(&value)) text << "double " << *number;
  return text.str();
}

std::string rendered(const char* title, const Span& span) {
  constexpr const char* kKinds[] = {"?", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"};
  std::ostringstream text;
  text << "# " << title << "\n"
       << kKinds[static_cast<int>(span.kind)] << " \"" << span.name << "\" " << span.start_unix_ns << " to "
       << span.end_unix_ns << "\n"
       << "  context " << hex_of(span.context.trace_id) << " " << hex_of(span.context.span_id) << "\n";
  if (span.parent_span_id.valid())
    text << "  parent " << hex_of(span.parent_span_id) << (span.parent_is_remote ? " remote" : "") << "\n";
  if (!span.trace_state.empty()) text << "  tracestate " << span.trace_state << "\n";
  for (const Attribute& attribute : span.attributes)
    text << "  " << attribute.key << " = " << rendered(attribute.value) << "\n";
  if (span.dropped_attributes_count != 0)
    text << "  (" << span.dropped_attributes_count << " attributes dropped)\n";
  for (const Link& link : span.links) {
    text << "  link " << hex_of(link.context.trace_id) << " " << hex_of(link.context.span_id) << " "
         << link.trace_state << "\n";
    for (const Attribute& attribute : link.attributes)
      text << "    " << attribute.key << " = " << rendered(attribute.value) << "\n";
  }
  if (span.dropped_links_count != 0) text << "  (" << span.dropped_links_count << " links dropped)\n";
  if (span.status == StatusCode::kError) text << "  ERROR " << span.status_message << "\n";
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

SendOperation sent() {
  SendOperation operation;
  operation.context = context_of(0x11, 0x22);
  operation.start_unix_ns = 1000;
  operation.end_unix_ns = 3500;
  operation.injected = true;
  operation.topic = "orders";
  operation.partition = 0;
  operation.offset = 0;
  operation.key = "customer-1";
  operation.persistence = segment::Persistence::kPersisted;
  operation.queue_time_ms = 0.5;
  operation.broker_time_ms = 2;
  operation.broker = {"10.0.0.7", 9093};
  return operation;
}

SendOperation failed() {
  SendOperation operation = sent();
  operation.partition = -1;
  operation.offset.reset();
  operation.key.reset();
  operation.queue_time_ms.reset();
  operation.broker = {};
  operation.persistence = segment::Persistence::kPossiblyPersisted;
  operation.failure = Failure{"_MSG_TIMED_OUT", "Local: Message timed out"};
  return operation;
}

MessageView message(std::int64_t offset) {
  MessageView view;
  view.creation = context_of(0x33, static_cast<std::uint8_t>(0x40 + offset));
  view.trace_state = "vendor=1";
  view.topic = "orders";
  view.partition = 3;
  view.offset = offset;
  view.key = "customer-" + std::to_string(offset);
  view.record_age_ms = 12.5;
  return view;
}

ConsumeOperation processed(std::vector<MessageView> messages) {
  ConsumeOperation operation;
  operation.context = context_of(0x33, 0x55);
  operation.start_unix_ns = 5000;
  operation.end_unix_ns = 9000;
  operation.batch = messages.size() > 1;
  operation.message_count = static_cast<std::uint32_t>(messages.size());
  if (!operation.batch) {
    operation.parent = messages.front().creation.span_id;
    operation.parent_is_remote = true;
    operation.trace_state = "vendor=1";
  }
  operation.messages = std::move(messages);
  return operation;
}

std::string all_spans() {
  const ClientProfile client = profile();
  const ClientView view{&client, "cluster-1"};
  const ClientProfile bare;
  std::string text = rendered("a send, partition 0 and offset 0", send_span(sent(), view, {}));
  text += rendered("a failed send", send_span(failed(), view, {}));

  SendOperation users_own = sent();
  users_own.injected = false;
  users_own.link = context_of(0x77, 0x88);
  users_own.parent = context_of(0x11, 0x21).span_id;
  text +=
      rendered("a send with the user's own context, inside a process span", send_span(users_own, view, {}));

  SendOperation odd = sent();
  odd.key = "\xff\xfe";
  odd.tombstone = true;
  odd.topic.clear();
  odd.unfinished = true;
  odd.broker = {"broker-7", 9093};
  text += rendered("a binary key, a tombstone, no topic, unfinished; a client of which nothing is known",
                   send_span(odd, {&bare, ""}, {}));

  text += rendered("a processed message", consume_span(processed({message(1)}), view, {}));
  text += rendered("a processed batch", consume_span(processed({message(1), message(2)}), view, {}));
  MessageView elsewhere = message(2);
  elsewhere.topic = "payments";
  elsewhere.creation = {};
  elsewhere.tombstone = true;
  text += rendered("a batch over two topics, one message without a context",
                   consume_span(processed({message(1), elsewhere}), view, {}));
  ConsumeOperation received = processed({message(1)});
  received.kind = segment::ConsumeOperation::kReceive;
  received.parent = {};
  received.parent_is_remote = false;
  text += rendered("a receive", consume_span(received, view, {}));

  SendOperation long_key = sent();
  long_key.key = "grün und blau";
  text += rendered("limits: 6 attributes of 3 bytes",
                   send_span(long_key, view, {.attribute_count = 6, .attribute_value_length = 3}));
  text += rendered("limits: 1 link",
                   consume_span(processed({message(1), message(2), message(3)}), view, {.link_count = 1}));
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
