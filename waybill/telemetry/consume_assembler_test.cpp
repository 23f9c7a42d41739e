#include "waybill/telemetry/consume_assembler.h"

#include <gtest/gtest.h>

#include <array>
#include <span>
#include <string>

#include "waybill/telemetry/testing/assembler_fixture.h"

namespace waybill::telemetry {
namespace {

using namespace testing;

class ConsumeAssemblerTest : public AssemblerTest {};

TEST_F(ConsumeAssemblerTest, JoinsABatchWhoseMessagesComeBeforeAndAfterItsStart) {
  add(RecordKind::kConsumedMessage, message_of(5, 1, 0, 10));
  add(RecordKind::kConsumeStarted, consume_start(5, 200, segment::bits::kBatch));
  add(RecordKind::kConsumeEnded, consume_end(5, 300, 2));
  round();
  EXPECT_TRUE(spans_.empty());
  add(RecordKind::kConsumedMessage, message_of(5, 5, 0, 20));
  round();
  ASSERT_EQ(spans_.size(), 1U);
  EXPECT_EQ(spans_[0].shape->name, "process");  // two topics: nothing is taken from the first message only
  EXPECT_EQ(number(spans_[0], "messaging.batch.message_count"), 2);
  ASSERT_EQ(spans_[0].links.size(), 2U);
  EXPECT_EQ(std::get<std::string_view>(spans_[0].links[1].attributes[0].value), "payments");
}

TEST_F(ConsumeAssemblerTest, MakesOneSpanOfASingleMessageAndItsEnd) {
  segment::SingleConsumed record = single(5, segment::ConsumeOperation::kProcess);
  record.bits |= segment::bits::kParentRemote | segment::bits::kHasKey;
  record.key_size = 3;
  record.tracestate_size = 4;
  add_single(record, "keya=1b");
  round();
  EXPECT_TRUE(spans_.empty());
  add(RecordKind::kConsumeEnded, consume_end(5, 300, 1));
  round();
  ASSERT_EQ(spans_.size(), 1U);
  const Span& span = spans_[0];
  EXPECT_EQ(span.shape->name, "process orders");
  EXPECT_EQ(span.start_unix_ns, 1'000'200U);
  EXPECT_EQ(span.end_unix_ns, 1'000'300U);
  EXPECT_EQ(span.parent_span_id.bytes, (std::array<std::uint8_t, 8>{8}));
  EXPECT_TRUE(span.parent_is_remote);
  EXPECT_EQ(span.trace_state, "a=1b");
  EXPECT_EQ(text(span, "messaging.kafka.message.key"), "key");
  EXPECT_EQ(text(span, "messaging.destination.partition.id"), "7");
  EXPECT_EQ(number(span, "messaging.kafka.offset"), 42);
  settle_all();
  taken_ = 1;
  EXPECT_EQ(records_.size(), 0U);
}

// One header "h" with the value "v".
const std::string kHeader{"\1\0\0\0\1\0\1\0\0\1hv", 12};

std::size_t headers_of(std::span<const Attribute> attributes) {
  std::size_t count = 0;
  for (const Attribute& one : attributes) count += one.key == "messaging.header.h" ? 1 : 0;
  return count;
}

TEST_F(ConsumeAssemblerTest, ShowsHeadersOnTheSpanOfOneMessageAndOnTheLinksOfABatch) {
  segment::SingleConsumed one = single(5, segment::ConsumeOperation::kReceive);
  one.tracestate_size = 3;
  one.has_headers = 1;
  add_single(one, "a=1" + kHeader);
  add(RecordKind::kConsumeStarted, consume_start(6, 200, segment::bits::kBatch));
  segment::ConsumedMessage message = message_of(6, 1, 0, 10);
  add(RecordKind::kConsumedMessage, message);
  message.has_headers = 1;
  add(RecordKind::kConsumedMessage, message, kHeader);
  add(RecordKind::kConsumeEnded, consume_end(6, 300, 2));
  round();
  ASSERT_EQ(spans_.size(), 2U);
  EXPECT_EQ(headers_of(spans_[0].attributes), 1U);
  EXPECT_EQ(headers_of(spans_[1].attributes), 0U);
  ASSERT_EQ(spans_[1].links.size(), 2U);
  EXPECT_EQ(headers_of(spans_[1].links[0].attributes), 0U);
  EXPECT_EQ(headers_of(spans_[1].links[1].attributes), 1U);
}

TEST_F(ConsumeAssemblerTest, TakesNoRecordWhoseHeadersDoNotStandInIt) {
  segment::SingleConsumed record = single(5, segment::ConsumeOperation::kReceive);
  record.has_headers = 1;
  add_single(record, kHeader.substr(0, kHeader.size() - 1));
  add_single(record);
  round();
  EXPECT_TRUE(spans_.empty());
}

TEST_F(ConsumeAssemblerTest, SaysTheSameOfASingleMessageInOneRecordAndInTwo) {
  segment::SingleConsumed record = single(3, segment::ConsumeOperation::kProcess);
  record.tracestate_size = 4;
  for (const bool child : {false, true}) {
    segment::ConsumeStarted start = consume_start(3, record.start_ns);
    start.context = record.context;
    segment::ConsumedMessage message = message_of(3, record.topic, record.partition, record.offset);
    message.hand_over_ns = record.hand_over_ns;
    message.tracestate_size = 4;
    if (child) {
      record.bits |= segment::bits::kParentRemote;
      start.bits |= segment::bits::kParentRemote;
      start.parent_span_id = {8};
      start.tracestate_size = 4;
    }
    add_single(record, "a=1b");
    add(RecordKind::kConsumeEnded, consume_end(3, 300, 1));
    round();
    add(RecordKind::kConsumeStarted, start, child ? "a=1b" : "");
    add(RecordKind::kConsumedMessage, message, "a=1b");
    add(RecordKind::kConsumeEnded, consume_end(3, 300, 1));
    round();
    ASSERT_EQ(spans_.size(), 2U);
    EXPECT_EQ(spans_[0].shape, spans_[1].shape);
    EXPECT_EQ(spans_[0].parent_span_id, spans_[1].parent_span_id);
    EXPECT_EQ(spans_[0].parent_is_remote, spans_[1].parent_is_remote);
    EXPECT_EQ(spans_[0].trace_state, spans_[1].trace_state);
    EXPECT_EQ(spans_[0].trace_state, child ? "a=1b" : "");
    ASSERT_EQ(spans_[0].links.size(), spans_[1].links.size());
    for (std::size_t link = 0; link < spans_[0].links.size(); ++link) {
      EXPECT_EQ(spans_[0].links[link].context, spans_[1].links[link].context);
      EXPECT_EQ(spans_[0].links[link].trace_state, spans_[1].links[link].trace_state);
    }
    taken_ += 2;
    spans_.clear();
  }
}

TEST_F(ConsumeAssemblerTest, EndsASingleReceiveOperationAtTheHandOver) {
  add_single(single(5, segment::ConsumeOperation::kReceive));
  round({.most_spans = 0});
  EXPECT_TRUE(spans_.empty());
  round();
  ASSERT_EQ(spans_.size(), 1U);
  EXPECT_EQ(spans_[0].shape->name, "poll orders");
  EXPECT_EQ(spans_[0].start_unix_ns, 1'000'200U);
  EXPECT_EQ(spans_[0].end_unix_ns, 1'000'250U);
  settle_all();
  taken_ = 1;
  EXPECT_EQ(records_.size(), 0U);
}

TEST_F(ConsumeAssemblerTest, EndsASingleMessageThatAHostLeftWithItsLastSignOfLife) {
  add_single(single(5, segment::ConsumeOperation::kProcess));
  end_host();
  ASSERT_EQ(spans_.size(), 1U);
  EXPECT_TRUE(std::get<bool>(find(spans_[0], "waybill.unfinished")->value));
  EXPECT_EQ(spans_[0].end_unix_ns, 1'000'250U);
  settle_all();
  taken_ = 1;
  EXPECT_EQ(records_.size(), 0U);
}

TEST_F(ConsumeAssemblerTest, PairsASingleMessageWithAnEndThatIsReadBeforeItAndLiesBeforeIt) {
  add(RecordKind::kConsumeEnded, consume_end(5, 100, 1));
  round();
  add_single(single(5, segment::ConsumeOperation::kProcess));
  round();
  ASSERT_EQ(spans_.size(), 1U);
  EXPECT_EQ(spans_[0].start_unix_ns, spans_[0].end_unix_ns);
}

TEST_F(ConsumeAssemblerTest, RefusesASingleMessageThatContradictsItselfOrWhatIsKnown) {
  const segment::SingleConsumed sound = single(5, segment::ConsumeOperation::kProcess);
  segment::SingleConsumed no_room_for_key = sound;
  no_room_for_key.key_size = 1;
  add_single(no_room_for_key);
  segment::SingleConsumed no_room_for_tracestate = sound;
  no_room_for_tracestate.tracestate_size = 0xffff;
  add_single(no_room_for_tracestate, "a=1");
  segment::SingleConsumed no_parent = sound;
  no_parent.bits = segment::bits::kParentRemote;
  add_single(no_parent);
  add(RecordKind::kSingleConsumed, consume_start(5, 200));  // too short
  EXPECT_EQ(assembler_->counts().malformed, 4U);
  EXPECT_EQ(assembler_->counts().started, 0U);
  add_single(sound);
  add_single(sound);
  add(RecordKind::kConsumeStarted, consume_start(5, 200));
  add(RecordKind::kConsumeStarted, consume_start(6, 200));
  add_single(single(6, segment::ConsumeOperation::kProcess));
  add(RecordKind::kConsumeEnded, consume_end(7, 300, 1));
  add_single(single(7, segment::ConsumeOperation::kReceive));
  add_single(single(8, segment::ConsumeOperation::kReceive));
  add(RecordKind::kConsumeEnded, consume_end(8, 300, 1));
  EXPECT_EQ(assembler_->counts().malformed, 9U);
  end_host();
  EXPECT_EQ(spans_.size(), 3U);
  settle_all();
  taken_ = 3;
  EXPECT_EQ(records_.size(), 0U);
}

TEST_F(ConsumeAssemblerTest, CountsWhatIsBeyondTheMessagesOfAnOperationWithASingleOneToo) {
  for (int message = 0; message < 16'384; ++message)
    add(RecordKind::kConsumedMessage, message_of(5, 1, 0, message));
  add_single(single(5, segment::ConsumeOperation::kProcess));
  add(RecordKind::kConsumeEnded, consume_end(5, 300, 1));
  round();
  ASSERT_EQ(spans_.size(), 1U);
  settle_all();
  taken_ = 1;
  EXPECT_EQ(records_.size(), 0U);
}

TEST_F(ConsumeAssemblerTest, GivesUpOnAMessageRecordThatTheHostHadNoRoomFor) {
  add(RecordKind::kConsumeStarted, consume_start(5, 200));
  add(RecordKind::kConsumeEnded, consume_end(5, 300, 1));
  round();
  round();
  ASSERT_EQ(spans_.size(), 1U);
  EXPECT_EQ(spans_[0].shape->name, "process");
}

TEST_F(ConsumeAssemblerTest, ForgetsMessagesOfAnOperationThatNeverStarted) {
  add(RecordKind::kConsumedMessage, message_of(5, 1, 0, 10));
  add(RecordKind::kConsumeEnded, consume_end(6, 300, 1));
  round();
  add(RecordKind::kSendEnded, send_end(8, 100'000'000'000, 1));
  round();
  round();
  EXPECT_EQ(records_.size(), 0U);
}

}  // namespace
}  // namespace waybill::telemetry
