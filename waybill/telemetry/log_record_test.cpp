#include "waybill/telemetry/log_record.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "waybill/telemetry/semantic_conventions.h"
#include "waybill/telemetry/span_shapes.h"

// What log records say is pinned by golden/log_records.txt.
namespace waybill::telemetry {
namespace {

std::string hex_of(const auto& id) {
  std::ostringstream text;
  for (const std::uint8_t byte : id.bytes)
    text << "0123456789abcdef"[byte >> 4U] << "0123456789abcdef"[byte & 15U];
  return text.str();
}

std::string rendered(const AttributeValue& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) return '"' + std::string{*text} + '"';
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  return "(a value of another kind)";
}

std::string rendered(const char* title, const Span& span) {
  std::ostringstream text;
  text << "# " << title << "\n";
  const std::optional<LogRecord> record = log_record_of(span);
  if (!record) return text.str() + "(none)\n\n";
  text << text_of(record->severity) << " " << static_cast<int>(record->severity) << " " << record->event_name
       << " at " << record->time_unix_ns << "\n"
       << "  context " << hex_of(record->context.trace_id) << " " << hex_of(record->context.span_id)
       << " flags " << static_cast<int>(record->context.flags) << "\n";
  for (const Attribute& attribute : record->attributes)
    text << "  " << attribute.key << " = " << rendered(attribute.value) << "\n";
  return text.str() + "\n";
}

// Makes spans, and keeps what they refer to.
class Spans {
 public:
  const Span& send(const SendFacts& facts, std::int64_t offset = -1) {
    SendOperation operation;
    operation.context = context_;
    operation.start_unix_ns = 1000;
    operation.end_unix_ns = 3500;
    operation.key = "customer-1";
    if (offset >= 0) operation.offset = offset;
    const SpanShape& shape =
        shapes_->add([&](Arena& memory) { return send_shape(facts, client_, {}, memory); });
    return keep(send_span(operation, shape, {}, memory_));
  }

  const Span& consume(const ConsumeFacts& facts, std::string_view own_message = {}) {
    MessageView message;
    message.topic = "orders";
    message.partition = 3;
    message.offset = 42;
    message.key = "customer-1";
    const std::vector<MessageView> messages(facts.batch ? 2 : 1, message);
    ConsumeOperation operation;
    operation.context = context_;
    operation.start_unix_ns = 1000;
    operation.end_unix_ns = 9000;
    operation.message_count = static_cast<std::uint32_t>(messages.size());
    operation.messages = messages;
    const SpanShape& shape =
        shapes_->add([&](Arena& memory) { return consume_shape(facts, client_, {}, memory); });
    Span span = consume_span(operation, facts, shape, {}, memory_);
    span.own_status_message = memory_.keep(own_message);
    return keep(span);
  }

  // A span of an operation that others name.
  const Span& of_type(std::string_view type) {
    Span span;
    span.shape = &shapes_->add([&](Arena& memory) {
      const Attribute attributes[] = {{"messaging.operation.type", memory.keep(type)},
                                      {"error.type", "_FAIL"}};
      SpanShape shape;
      shape.status = StatusCode::kError;
      shape.attributes = memory.keep(std::span<const Attribute>{attributes});
      return shape;
    });
    return keep(span);
  }

  void set_flags(std::uint8_t flags) { context_.flags = flags; }

  SpanBatch batch() const {
    SpanBatch batch;
    batch.shapes.push_back(shapes_);
    batch.spans = {spans_.begin(), spans_.end()};
    return batch;
  }

 private:
  static context::SpanContext sample_context() {
    context::SpanContext context;
    context.trace_id.bytes.fill(0x11);
    context.span_id.bytes.fill(0x22);
    context.flags = context::kFlagSampled;
    return context;
  }
  static ClientProfile sample_profile() {
    ClientProfile profile;
    profile.client_id = "shop-1";
    profile.group_id = "billing";
    profile.first_server = {"broker-1", 9092};
    return profile;
  }
  const Span& keep(const Span& span) { return spans_.emplace_back(span); }

  context::SpanContext context_ = sample_context();
  ClientProfile profile_ = sample_profile();
  ClientView client_{&profile_, "cluster-1"};
  Arena memory_;
  std::shared_ptr<SpanShapes> shapes_ = std::make_shared<SpanShapes>();
  std::deque<Span> spans_;
};

SendFacts send_facts(const char* error = "", const char* description = "") {
  SendFacts facts;
  facts.topic = "orders";
  if (*error != '\0') facts.failure = Failure{error, description};
  return facts;
}

ConsumeFacts consume_facts(segment::ConsumeOperation kind, const char* error) {
  ConsumeFacts facts;
  facts.kind = kind;
  facts.topic = "orders";
  facts.partition = 3;
  facts.failure = Failure{error, ""};
  return facts;
}

std::string all_records() {
  using enum segment::ConsumeOperation;
  Spans spans;
  std::string text =
      rendered("a send that timed out", spans.send(send_facts("_MSG_TIMED_OUT", "Local: Message timed out")));
  SendFacts answered = send_facts("TOPIC_AUTHORIZATION_FAILED", "Broker: Topic authorization failed");
  answered.partition = 2;
  text += rendered("a send that a broker refused", spans.send(answered));
  text += rendered("a send that succeeded", spans.send(send_facts(), 7));
  text += rendered("an exception that left a handler",
                   spans.consume(consume_facts(kProcess, "shop::Refused"), "no such customer"));
  text += rendered("an exception of no known type, which says nothing",
                   spans.consume(consume_facts(kProcess, "_OTHER")));
  ConsumeFacts batch = consume_facts(kProcess, "std::runtime_error");
  batch.batch = true;
  text += rendered("a batch whose processing failed", spans.consume(batch, "one of them"));
  text += rendered("a poll that failed", spans.consume(consume_facts(kReceive, "_ALL_BROKERS_DOWN")));
  text += rendered("a settlement that failed", spans.of_type("settle"));
  text += rendered("a creation that failed", spans.of_type("create"));
  text += rendered("an operation that has no event", spans.of_type("transaction"));
  spans.set_flags(0);
  text += rendered("a send that was not sampled and is kept", spans.send(send_facts("_FAIL", "failed")));
  return text;
}

TEST(LogRecordTest, SaysWhatTheGoldenFileSays) {
  const char* path = WAYBILL_SOURCE_DIR "/waybill/telemetry/golden/log_records.txt";
  if (const char* approve = std::getenv("WAYBILL_APPROVE");
      approve != nullptr && std::string_view{approve} == "1") {
    std::ofstream{path} << all_records();
  }
  std::ifstream file{path};
  std::stringstream content;
  content << file.rdbuf();
  EXPECT_EQ(content.str(), all_records())
      << path << " differs: run bin/test --approve, and review the change";
}

TEST(FailedSpansTest, AreNoneWhereNothingFailed) {
  Spans spans;
  spans.send(send_facts());
  spans.of_type("transaction");
  EXPECT_TRUE(failed_spans(spans.batch(), 10).empty());
}

TEST(FailedSpansTest, SayTheSameWhenTheBatchIsGone) {
  std::vector<std::string> expected;
  std::shared_ptr<SpanBatch> failed;
  const auto resource = std::make_shared<const Resource>();
  {
    Spans spans;
    spans.send(send_facts(), 1);
    const ConsumeFacts facts = consume_facts(segment::ConsumeOperation::kProcess, "shop::Refused");
    expected = {rendered("", spans.consume(facts, "first")), rendered("", spans.consume(facts, "second")),
                rendered("", spans.send(send_facts("_FAIL", "third")))};
    SpanBatch batch = spans.batch();
    batch.resource = resource;
    batch.origins = {1, 2, 3};
    const auto all = failed_spans(batch, 3);
    ASSERT_EQ(all.size(), 1U);
    failed = all[0];
  }
  ASSERT_EQ(failed->spans.size(), 3U);
  EXPECT_EQ(failed->resource, resource);
  EXPECT_TRUE(failed->origins.empty());  // the records belong to the batch
  EXPECT_FALSE(failed->kept_for_next);
  for (std::size_t at = 0; at < expected.size(); ++at) {
    const Span& span = failed->spans[at];
    EXPECT_EQ(rendered("", span), expected[at]);
  }
}

TEST(FailedSpansTest, HoldNoKeysOfMessages) {
  Spans spans;
  spans.send(send_facts("_FAIL", "failed"));
  const auto failed = failed_spans(spans.batch(), 10);
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_TRUE(failed[0]->spans.at(0).attributes.empty());
}

TEST(FailedSpansTest, GoInBatchesAsLargeAsOneExportMayBe) {
  Spans spans;
  for (int count = 0; count < 7; ++count) spans.send(send_facts("_FAIL", "failed"));
  std::vector<std::size_t> sizes;
  for (const auto& batch : failed_spans(spans.batch(), 3)) sizes.push_back(batch->spans.size());
  EXPECT_EQ(sizes, (std::vector<std::size_t>{3, 3, 1}));
}

}  // namespace
}  // namespace waybill::telemetry
