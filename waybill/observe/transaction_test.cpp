#include <gtest/gtest.h>

#include <cstring>
#include <optional>
#include <string>

#include "waybill/observe/testing/hall.h"

namespace waybill::observe {
namespace {

using context::Sampler;
using testing::client_of;
using testing::hall;

// A producer, and what it writes.
class TransactionTest : public ::testing::Test {
 protected:
  TransactionTest() {
    hall().publish({});
    hall().written();
  }
  ~TransactionTest() override {
    hall().room().close_client(producer_);
    hall().room().close_client(consumer_);
  }

  Room& room() { return hall().room(); }
  SendPlan send() { return room().plan_send(producer_, "orders", {}); }

  std::optional<segment::WholeOperation> written() {
    std::optional<segment::WholeOperation> found;
    hall().drain([&](const segment::RecordView& view) {
      if (view.kind != segment::RecordKind::kWholeOperation) return;
      EXPECT_FALSE(found);
      std::memcpy(&found.emplace(), view.bytes.data(), sizeof *found);
    });
    return found;
  }
  ScopeTicket process() {
    IncomingMessage message;
    message.topic = "orders";
    message.partition = 0;
    message.offset = 1;
    return room().begin_processing(consumer_, message);
  }

  Client& producer_ = client_of(true);
  Client& consumer_ = client_of(false, "billing");
};

TEST_F(TransactionTest, IsTheParentOfWhatItsProducerSendsMeanwhile) {
  const std::uint64_t ticket = room().begin_transaction(producer_);
  const SendPlan first = send();
  const SendPlan second = send();
  EXPECT_EQ(first.context.trace_id, second.context.trace_id);
  EXPECT_EQ(first.parent, second.parent);
  EXPECT_TRUE(first.parent.valid() && first.context.sampled());
  Client& other = client_of(true);
  EXPECT_FALSE(room().plan_send(other, "orders", {}).parent.valid());
  room().close_client(other);
  room().end_transaction(producer_, ticket, {.outcome = segment::Outcome::kCommitted});
  EXPECT_FALSE(send().parent.valid());

  const auto record = written();
  ASSERT_TRUE(record);
  EXPECT_EQ(record->context.span_id, first.parent.bytes);
  EXPECT_EQ(record->context.trace_id, first.context.trace_id.bytes);
  EXPECT_EQ(record->parent_span_id, context::SpanId{}.bytes);
  EXPECT_EQ(record->outcome, segment::Outcome::kCommitted);
  EXPECT_GE(record->end_ns, record->start_ns);
}

TEST_F(TransactionTest, IsWithinTheProcessingInWhichItBegan) {
  const ScopeTicket scope = process();
  const context::SpanContext processing = room().current_context().context;
  const std::uint64_t ticket = room().begin_transaction(producer_);
  const SendPlan sent = send();
  EXPECT_EQ(sent.context.trace_id, processing.trace_id);
  EXPECT_NE(sent.parent, processing.span_id);
  EXPECT_FALSE(sent.link.valid());
  room().end_processing(scope, {});
  EXPECT_EQ(send().parent, sent.parent);
  room().end_transaction(producer_, ticket, {.outcome = segment::Outcome::kAborted});
  const auto record = written();
  ASSERT_TRUE(record);
  EXPECT_EQ(record->parent_span_id, processing.span_id.bytes);
  EXPECT_EQ(record->context.span_id, sent.parent.bytes);
}

TEST_F(TransactionTest, IsOnlyALinkOfWhatIsSentInProcessingThatBeganLater) {
  const std::uint64_t ticket = room().begin_transaction(producer_);
  const ScopeTicket scope = process();
  const SendPlan sent = send();
  EXPECT_EQ(sent.parent, room().current_context().context.span_id);
  const context::SpanContext link = sent.link;
  room().end_processing(scope, {});
  EXPECT_EQ(send().parent, link.span_id);
  room().end_transaction(producer_, ticket, {});
  const auto record = written();
  ASSERT_TRUE(record);
  EXPECT_EQ(record->context.span_id, link.span_id.bytes);
  EXPECT_EQ(record->outcome, segment::Outcome::kUnknown);
}

TEST_F(TransactionTest, DecidesForAllThatIsSentInIt) {
  segment::HostSettings settings;
  settings.samplers[0] = static_cast<std::uint8_t>(Sampler::Kind::kAlwaysOff);
  hall().publish(settings);
  const std::uint64_t ticket = room().begin_transaction(producer_);
  EXPECT_NE(ticket, 0U);
  hall().publish({});  // a root would be sampled now
  const SendPlan sent = send();
  EXPECT_FALSE(sent.record);
  EXPECT_FALSE(sent.context.sampled());
  EXPECT_TRUE(sent.inject);
  room().end_transaction(producer_, ticket, {.outcome = segment::Outcome::kCommitted});
  EXPECT_FALSE(written());
}

TEST_F(TransactionTest, IsNoneWhereItsKindIsLeftOut) {
  segment::HostSettings settings;
  settings.transactions = false;
  hall().publish(settings);
  EXPECT_EQ(room().begin_transaction(producer_), 0U);
  EXPECT_FALSE(send().parent.valid());
}

TEST_F(TransactionTest, EndsOnceAndWithItsOwnTicket) {
  const std::uint64_t first = room().begin_transaction(producer_);
  room().end_transaction(producer_, first, {});
  EXPECT_TRUE(written());
  room().end_transaction(producer_, first, {});
  const std::uint64_t second = room().begin_transaction(producer_);
  room().end_transaction(producer_, first, {});
  room().end_transaction(producer_, 0, {});
  EXPECT_FALSE(written());
  EXPECT_TRUE(send().parent.valid());
  room().end_transaction(producer_, second, {});
  EXPECT_TRUE(written());
}

TEST_F(TransactionTest, EndsWithItsClient) {
  Client& short_lived = client_of(true);
  hall().drain([](const segment::RecordView&) {});
  room().begin_transaction(short_lived);
  room().close_client(short_lived);
  int ended = 0;
  hall().drain([&](const segment::RecordView& view) {
    if (view.kind != segment::RecordKind::kWholeOperation) return;
    segment::WholeOperation record{};
    std::memcpy(&record, view.bytes.data(), sizeof record);
    EXPECT_EQ(record.outcome, segment::Outcome::kUnknown);
    ++ended;
  });
  EXPECT_EQ(ended, 1);
  Client& next = client_of(true);
  ASSERT_EQ(&next, &short_lived);
  EXPECT_FALSE(room().plan_send(next, "orders", {}).parent.valid());
  room().close_client(next);
}

TEST_F(TransactionTest, SaysWhyItFailed) {
  const std::uint64_t ticket = room().begin_transaction(producer_);
  const std::uint32_t error = room().define_error({"_FENCED\0fenced", 14});
  room().end_transaction(producer_, ticket, {.error = error, .description = "another one came"});
  std::string description;
  hall().drain([&](const segment::RecordView& view) {
    segment::WholeOperation record{};
    if (view.kind != segment::RecordKind::kWholeOperation) return;
    std::memcpy(&record, view.bytes.data(), sizeof record);
    EXPECT_EQ(record.error, error);
    description.assign(reinterpret_cast<const char*>(view.bytes.data()) + sizeof record,
                       record.description_size);
  });
  EXPECT_EQ(description, "another one came");
}

}  // namespace
}  // namespace waybill::observe
