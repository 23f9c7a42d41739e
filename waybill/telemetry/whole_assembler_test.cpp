#include "waybill/telemetry/whole_assembler.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <string>

#include "waybill/telemetry/testing/assembler_fixture.h"

namespace waybill::telemetry {
namespace {

using namespace testing;
using segment::WholeKind;

class WholeAssemblerTest : public AssemblerTest {
 protected:
  void add_whole(const segment::WholeOperation& record, const std::string& tail = {}) {
    add(RecordKind::kWholeOperation, record, tail);
  }
};

std::string link_to(std::uint8_t trace, std::uint8_t span) {
  segment::RecordContext link{};
  link.trace_id = {trace};
  link.span_id = {span};
  link.flags = 1;
  std::string bytes(sizeof link, '\0');
  std::memcpy(bytes.data(), &link, sizeof link);
  return bytes;
}

TEST_F(WholeAssemblerTest, MakesATransactionOfOneRecord) {
  segment::WholeOperation record = whole(WholeKind::kTransaction);
  record.outcome = segment::Outcome::kCommitted;
  record.tracestate_size = 3;
  add_whole(record, "a=1");
  round();
  ASSERT_EQ(spans_.size(), 1U);
  const Span& span = spans_[0];
  EXPECT_EQ(span.shape->name, "transaction");
  EXPECT_EQ(span.shape->kind, SpanKind::kInternal);
  EXPECT_EQ(span.shape->status, StatusCode::kUnset);
  EXPECT_EQ(span.parent_span_id.bytes, (std::array<std::uint8_t, 8>{8}));
  EXPECT_EQ(span.trace_state, "a=1");
  EXPECT_EQ(span.start_unix_ns, 1'000'200U);
  EXPECT_EQ(span.end_unix_ns, 1'000'300U);
  EXPECT_EQ(text(span, "waybill.kafka.transaction.outcome"), "committed");
  settle_all();
  taken_ = 1;
  EXPECT_EQ(records_.size(), 0U);
}

TEST_F(WholeAssemblerTest, SaysWhyACommitFailedAndWhatItIsLinkedTo) {
  segment::WholeOperation record = whole(WholeKind::kSettle);
  record.topic = 1;
  record.partition = 7;
  record.offset = 42;
  record.error = 4;
  record.link_count = 2;
  record.links_left_out = 5;
  record.description_size = 8;
  add_whole(record, link_to(1, 2) + link_to(3, 4) + "too late");
  round();
  ASSERT_EQ(spans_.size(), 1U);
  const Span& span = spans_[0];
  EXPECT_EQ(span.shape->name, "commit orders");
  EXPECT_EQ(span.shape->kind, SpanKind::kClient);
  EXPECT_EQ(text(span, "messaging.operation.type"), "settle");
  EXPECT_EQ(text(span, "messaging.destination.partition.id"), "7");
  EXPECT_EQ(number(span, "messaging.kafka.offset"), 42);
  EXPECT_EQ(text(span, "error.type"), "_MSG_TIMED_OUT");
  EXPECT_EQ(span.status_message(), "too late");
  ASSERT_EQ(span.links.size(), 2U);
  EXPECT_EQ(span.links[1].context.span_id.bytes, (std::array<std::uint8_t, 8>{4}));
  EXPECT_EQ(span.dropped_links_count, 5U);
}

TEST_F(WholeAssemblerTest, SaysHowManyMessagesABatchHas) {
  segment::WholeOperation record = whole(WholeKind::kSend);
  record.topic = 1;
  record.message_count = 2;
  add_whole(record);
  record.bits = segment::bits::kInjected;
  add_whole(record);
  round();
  ASSERT_EQ(spans_.size(), 2U);
  EXPECT_EQ(spans_[0].shape->name, "send orders");
  EXPECT_EQ(spans_[0].shape->kind, SpanKind::kClient);
  EXPECT_EQ(number(spans_[0], "messaging.batch.message_count"), 2);
  EXPECT_EQ(spans_[1].shape->kind, SpanKind::kProducer);
}

TEST_F(WholeAssemblerTest, SaysWhyAPollFailed) {
  segment::WholeOperation record = whole(WholeKind::kReceive);
  record.parent_span_id = {};
  record.error = 4;
  record.description_size = 4;
  add_whole(record, "gone");
  record.topic = 1;
  record.partition = 7;
  add_whole(record, "gone");
  round();
  ASSERT_EQ(spans_.size(), 2U);
  EXPECT_EQ(spans_[0].shape->name, "poll");
  EXPECT_EQ(spans_[0].shape->kind, SpanKind::kClient);
  EXPECT_EQ(text(spans_[0], "messaging.operation.type"), "receive");
  EXPECT_EQ(text(spans_[0], "error.type"), "_MSG_TIMED_OUT");
  EXPECT_EQ(spans_[0].status_message(), "gone");
  EXPECT_EQ(spans_[1].shape->name, "poll orders");
  EXPECT_EQ(text(spans_[1], "messaging.destination.partition.id"), "7");
}

TEST_F(WholeAssemblerTest, LeavesOutWhatIsNotSampledUnlessItIsToBeKept) {
  segment::WholeOperation record = whole(WholeKind::kSettle);
  record.context.flags = 0;
  add_whole(record);
  round();
  EXPECT_TRUE(spans_.empty());
  EXPECT_EQ(records_.size(), 0U);
  EXPECT_EQ(assembler_->counts().not_kept, 1U);
  assembler_->keep({.errors = true});
  record.error = 4;
  add_whole(record);
  round();
  ASSERT_EQ(spans_.size(), 1U);
  EXPECT_EQ(text(spans_[0], "waybill.kept"), "error");
}

TEST_F(WholeAssemblerTest, WaitsForTheNextRoundWhereThereIsNoRoom) {
  add_whole(whole(WholeKind::kSettle));
  round({.most_spans = 0});
  EXPECT_TRUE(spans_.empty());
  EXPECT_TRUE(assembler_->has_ends());
  round({.most_spans = 1});
  EXPECT_EQ(spans_.size(), 1U);
}

TEST_F(WholeAssemblerTest, RefusesARecordThatContradictsItself) {
  const segment::WholeOperation sound = whole(WholeKind::kSettle);
  segment::WholeOperation no_such_kind = sound;
  no_such_kind.kind = static_cast<WholeKind>(9);
  add_whole(no_such_kind);
  segment::WholeOperation no_room_for_links = sound;
  no_room_for_links.link_count = 2;
  add_whole(no_room_for_links, link_to(1, 2));
  segment::WholeOperation too_many_links = sound;
  too_many_links.link_count = segment::kMaxLinks + 1;
  add_whole(too_many_links, std::string(8000, 'k'));
  segment::WholeOperation no_room_for_description = sound;
  no_room_for_description.description_size = 0xffff;
  add_whole(no_room_for_description, "short");
  segment::WholeOperation no_room_for_tracestate = sound;
  no_room_for_tracestate.tracestate_size = 4;
  add_whole(no_room_for_tracestate, "a=1");
  add(RecordKind::kWholeOperation, consume_end(1, 2, 3));  // too short
  EXPECT_EQ(assembler_->counts().malformed, 6U);
  EXPECT_EQ(assembler_->counts().started, 0U);
  segment::WholeOperation ends_before_it_begins = sound;
  ends_before_it_begins.start_ns = UINT64_MAX;
  add_whole(ends_before_it_begins);
  round();
  ASSERT_EQ(spans_.size(), 1U);
  EXPECT_EQ(spans_[0].start_unix_ns, spans_[0].end_unix_ns);
}

}  // namespace
}  // namespace waybill::telemetry
