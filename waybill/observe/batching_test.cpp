#include <gtest/gtest.h>

#include <cstring>
#include <optional>
#include <vector>

#include "waybill/observe/testing/hall.h"

namespace waybill::observe {
namespace {

using testing::client_of;
using testing::hall;

class BatchingTest : public ::testing::Test {
 protected:
  BatchingTest() {
    hall().publish({});
    hall().written();
  }
  ~BatchingTest() override { hall().room().close_client(producer_); }

  Room& room() { return hall().room(); }

  // What on_send does with a message.
  SendPlan send(const MessageContext& existing = {}) {
    const SendPlan plan = room().plan_send(producer_, "orders", existing);
    OutgoingMessage message;
    message.address = &plan;
    message.topic = "orders";
    room().record_send(producer_, plan, message, plan.inject);
    return plan;
  }

  struct Written {
    std::vector<segment::SendStarted> starts;
    std::optional<segment::WholeOperation> batch;
    std::vector<segment::RecordContext> links;
  };
  Written written() {
    Written found;
    hall().drain([&](const segment::RecordView& view) {
      const auto* bytes = view.bytes.data();
      if (view.kind == segment::RecordKind::kSendStarted)
        std::memcpy(&found.starts.emplace_back(), bytes, sizeof(segment::SendStarted));
      if (view.kind != segment::RecordKind::kWholeOperation) return;
      std::memcpy(&found.batch.emplace(), bytes, sizeof *found.batch);
      found.links.resize(found.batch->link_count);
      if (!found.links.empty())
        std::memcpy(found.links.data(), bytes + sizeof *found.batch,
                    found.links.size() * sizeof(segment::RecordContext));
    });
    return found;
  }

  Client& producer_ = client_of(true);
  SendBatch batch_;
};

TEST_F(BatchingTest, HasACreateSpanForEachMessageAndASendSpanThatIsLinkedToThem) {
  room().begin_batch(producer_, "orders", batch_);
  const SendPlan first = send();
  const SendPlan second = send();
  room().leave_batch(batch_);
  EXPECT_TRUE(first.inject && second.inject);
  EXPECT_NE(first.context.trace_id, second.context.trace_id);
  room().end_batch(batch_, {});
  const Written found = written();
  ASSERT_EQ(found.starts.size(), 2U);
  for (const segment::SendStarted& start : found.starts)
    EXPECT_EQ(start.bits & segment::bits::kBatch, segment::bits::kBatch);
  EXPECT_EQ(found.starts[1].context.span_id, second.context.span_id.bytes);
  ASSERT_TRUE(found.batch);
  EXPECT_EQ(found.batch->kind, segment::WholeKind::kSend);
  EXPECT_EQ(found.batch->message_count, 2U);
  EXPECT_EQ(found.batch->bits & segment::bits::kInjected, 0);
  ASSERT_EQ(found.links.size(), 2U);
  EXPECT_EQ(found.links[0].span_id, first.context.span_id.bytes);
  EXPECT_EQ(found.links[1].span_id, second.context.span_id.bytes);
}

TEST_F(BatchingTest, IsOverForThoseWhoSendAfterwardsOrElsewhere) {
  Client& other = client_of(true);
  room().begin_batch(producer_, "orders", batch_);
  EXPECT_EQ(room().plan_send(other, "orders", {}).bits, 0);
  room().leave_batch(batch_);
  EXPECT_EQ(send().bits, 0);
  room().close_client(other);
}

TEST_F(BatchingTest, BelongsToWhatIsCurrent) {
  const std::uint64_t transaction = room().begin_transaction(producer_);
  const SendPlan alone = send();
  room().begin_batch(producer_, "orders", batch_);
  const SendPlan created = send();
  room().leave_batch(batch_);
  EXPECT_EQ(created.parent, alone.parent);
  EXPECT_EQ(created.context.trace_id, alone.context.trace_id);
  room().end_batch(batch_, {});
  const Written found = written();
  ASSERT_TRUE(found.batch);
  EXPECT_EQ(found.batch->parent_span_id, alone.parent.bytes);
  room().end_transaction(producer_, transaction, {});
}

TEST_F(BatchingTest, PutsTheContextOfItsSendOnTheMessagesWhereNothingIsCreated) {
  segment::HostSettings settings;
  settings.creates = false;
  hall().publish(settings);
  room().begin_batch(producer_, "orders", batch_);
  const SendPlan first = send();
  const SendPlan second = send();
  room().leave_batch(batch_);
  EXPECT_EQ(first.context, second.context);
  EXPECT_FALSE(first.record || second.record);
  room().end_batch(batch_, {});
  const Written found = written();
  EXPECT_TRUE(found.starts.empty());
  ASSERT_TRUE(found.batch);
  EXPECT_EQ(found.batch->context.span_id, first.context.span_id.bytes);
  EXPECT_EQ(found.batch->bits & segment::bits::kInjected, segment::bits::kInjected);
  EXPECT_TRUE(found.links.empty());
}

TEST_F(BatchingTest, SaysThatItsContextWentOutOnlyIfItDid) {
  segment::HostSettings settings;
  settings.creates = false;
  hall().publish(settings);
  const auto went_out = [&](int messages, int without) {
    SendBatch batch;
    room().begin_batch(producer_, "orders", batch);
    for (int message = 0; message < messages; ++message) {
      const SendPlan plan = send();
      if (message < without) Room::leaves_without_context(plan);
    }
    Acknowledgement answer;
    answer.error = room().define_error({"_QUEUE_FULL\0full", 16});
    OutgoingMessage refused;
    refused.address = &batch;
    refused.topic = "orders";
    room().refuse_send(producer_, refused, answer);
    room().leave_batch(batch);
    room().end_batch(batch, {});
    return (written().batch->bits & segment::bits::kInjected) != 0;
  };
  EXPECT_TRUE(went_out(2, 1));
  EXPECT_FALSE(went_out(2, 2));
  EXPECT_FALSE(went_out(0, 0));  // what is refused goes nowhere
}

TEST_F(BatchingTest, HasNoSendSpanWhereThatKindIsLeftOut) {
  segment::HostSettings settings;
  settings.sends = false;
  hall().publish(settings);
  room().begin_batch(producer_, "orders", batch_);
  EXPECT_TRUE(send().record);
  room().leave_batch(batch_);
  room().end_batch(batch_, {});
  const Written found = written();
  EXPECT_EQ(found.starts.size(), 1U);
  EXPECT_FALSE(found.batch);
}

TEST_F(BatchingTest, IsLinkedToTheUsersOwnContextAndCreatesNothingThere) {
  MessageContext own;
  own.context.trace_id.bytes[0] = 1;
  own.context.span_id.bytes[0] = 2;
  room().begin_batch(producer_, "orders", batch_);
  const SendPlan plan = send(own);
  room().leave_batch(batch_);
  EXPECT_FALSE(plan.record || plan.inject);
  room().end_batch(batch_, {});
  const Written found = written();
  EXPECT_TRUE(found.starts.empty());
  ASSERT_EQ(found.links.size(), 1U);
  EXPECT_EQ(found.links[0].span_id, own.context.span_id.bytes);
}

TEST_F(BatchingTest, CountsTheLinksForWhichThereIsNoRoom) {
  room().begin_batch(producer_, "orders", batch_);
  for (std::size_t message = 0; message < segment::kMaxLinks + 3; ++message) send();
  room().leave_batch(batch_);
  const std::uint32_t error = room().define_error({"_QUEUE_FULL\0full", 16});
  room().end_batch(batch_, {error, "3 of 131 messages failed"});
  const Written found = written();
  ASSERT_TRUE(found.batch);
  EXPECT_EQ(found.links.size(), segment::kMaxLinks);
  EXPECT_EQ(found.batch->links_left_out, 3U);
  EXPECT_EQ(found.batch->message_count, segment::kMaxLinks + 3);
  EXPECT_EQ(found.batch->error, error);
}

TEST_F(BatchingTest, FollowsTheSampler) {
  segment::HostSettings settings;
  settings.samplers[0] = static_cast<std::uint8_t>(context::Sampler::Kind::kAlwaysOff);
  hall().publish(settings);
  room().begin_batch(producer_, "orders", batch_);
  const SendPlan plan = send();
  room().leave_batch(batch_);
  EXPECT_FALSE(plan.record || plan.context.sampled());
  EXPECT_TRUE(plan.inject);
  room().end_batch(batch_, {});
  EXPECT_FALSE(written().batch);
}

TEST_F(BatchingTest, IsNothingWhereNothingIsSent) {
  room().begin_batch(producer_, {}, batch_);
  room().leave_batch(batch_);
  room().end_batch(batch_, {});
  EXPECT_FALSE(written().batch);
}

}  // namespace
}  // namespace waybill::observe
