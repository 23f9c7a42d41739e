#include "waybill/telemetry/kept_spans.h"

#include <gtest/gtest.h>

#include "waybill/telemetry/testing/assembler_fixture.h"

namespace waybill::telemetry {
namespace {

using namespace testing;
using segment::ConsumeOperation;

class KeptSpansTest : public AssemblerTest {
 protected:
  static segment::SendStarted unsampled(segment::SendStarted record) {
    record.context.flags = 2;
    return record;
  }
  void send(const segment::SendStarted& start, std::uint64_t took_ns, std::uint32_t error = 0) {
    add(RecordKind::kSendStarted, start);
    segment::SendEnded end = send_end(start.message, start.start_ns + took_ns, 5);
    end.error = error;
    add(RecordKind::kSendEnded, end);
  }
  void rounds() {
    round();
    round();
  }
};

TEST_F(KeptSpansTest, HandsOutNothingThatIsNotSampledWithoutAReason) {
  send(unsampled(send_start(1, 100)), 50, 4);
  send(send_start(2, 100), 50);
  rounds();
  ASSERT_EQ(spans_.size(), 1U);
  EXPECT_EQ(text(spans_[0], "waybill.kept"), "(none)");
  EXPECT_EQ(assembler_->counts().not_kept, 1U);
  settle_all();
  EXPECT_EQ(records_.size(), 0U);
}

TEST_F(KeptSpansTest, KeepsSendsThatFailedOrWereSlowAndSaysWhy) {
  assembler_->keep({.errors = true, .slower_than_ns = 1'000});
  send(unsampled(send_start(1, 100)), 999);
  send(unsampled(send_start(2, 100)), 10, 4);
  send(unsampled(send_start(3, 100)), 1'000);
  send(send_start(4, 100), 5'000, 4);  // sampled: no reason is needed
  rounds();
  ASSERT_EQ(spans_.size(), 3U);
  std::map<std::string, int> reasons;
  for (const Span& span : spans_) ++reasons[text(span, "waybill.kept")];
  EXPECT_EQ(reasons, (std::map<std::string, int>{{"error", 1}, {"slow", 1}, {"(none)", 1}}));
  EXPECT_EQ(assembler_->counts().not_kept, 1U);
  // What travelled with the message is what its span says.
  for (const Span& span : spans_) EXPECT_EQ(span.context.sampled(), text(span, "waybill.kept") == "(none)");
}

TEST_F(KeptSpansTest, KeepsSlowProcessingAndForgetsTheRest) {
  assembler_->keep({.slower_than_ns = 1'000});
  for (const std::uint64_t operation : {1U, 2U}) {
    segment::SingleConsumed record = single(operation, ConsumeOperation::kProcess);
    record.context.flags = 0;
    add_single(record);
    add(RecordKind::kConsumeEnded, consume_end(operation, operation == 1 ? 300 : 5'000, 1));
  }
  segment::ConsumeStarted batch = consume_start(3, 200, segment::bits::kBatch);
  batch.context.flags = 0;
  add(RecordKind::kConsumeStarted, batch);
  add(RecordKind::kConsumedMessage, message_of(3, 1, 0, 1));
  add(RecordKind::kConsumedMessage, message_of(3, 1, 0, 2));
  add(RecordKind::kConsumeEnded, consume_end(3, 300, 2));
  segment::SingleConsumed received = single(4, ConsumeOperation::kReceive);
  received.context.flags = 0;
  add_single(received);
  rounds();
  ASSERT_EQ(spans_.size(), 1U);
  EXPECT_EQ(text(spans_[0], "waybill.kept"), "slow");
  EXPECT_EQ(assembler_->counts().not_kept, 3U);
  settle_all();
  EXPECT_EQ(records_.size(), 0U);
}

TEST_F(KeptSpansTest, KeepsWhatHasNotEndedWithTheErrors) {
  for (const bool errors : {false, true}) {
    assembler_->keep({.errors = errors});
    add(RecordKind::kSendStarted, unsampled(send_start(1, 100)));
    segment::SingleConsumed record = single(7, ConsumeOperation::kProcess);
    record.context.flags = 0;
    add_single(record);
    end_host();
    EXPECT_EQ(spans_.size(), errors ? 2U : 0U);
    EXPECT_EQ(assembler_->counts().not_kept, 2U);
  }
}

}  // namespace
}  // namespace waybill::telemetry
