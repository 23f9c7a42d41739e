#include "waybill/telemetry/span_assembler.h"

#include <gtest/gtest.h>

#include <memory>

#include "waybill/telemetry/testing/assembler_fixture.h"

namespace waybill::telemetry {
namespace {

using namespace testing;

class SpanAssemblerTest : public AssemblerTest {};

TEST_F(SpanAssemblerTest, PairsNothingByARoundThatHasNotReadEveryChunk) {
  add(RecordKind::kSendStarted, send_start(0x1000, 10));
  // The end of that send and the start of the next one stand in chunks that have not had their turn.
  add(RecordKind::kSendEnded, send_end(0x1000, 40, 2));
  for (int turn = 0; turn < 3; ++turn) round({.complete = false});
  EXPECT_TRUE(spans_.empty());
  add(RecordKind::kSendEnded, send_end(0x1000, 20, 1));
  add(RecordKind::kSendStarted, send_start(0x1000, 30));
  round();
  round();
  ASSERT_EQ(spans_.size(), 2U);
  EXPECT_EQ(spans_[0].end_unix_ns - spans_[0].start_unix_ns, 10U);
  EXPECT_EQ(spans_[1].end_unix_ns - spans_[1].start_unix_ns, 10U);
}

TEST_F(SpanAssemblerTest, HandsOutNoMoreSpansThanAskedForAndClosesAClientAfterItsPairs) {
  for (std::uint64_t number = 0; number < 10; ++number) {
    add(RecordKind::kSendStarted, send_start(0x1000 + number, 10 + number));
    add(RecordKind::kSendEnded, send_end(0x1000 + number, 100 + number, 1));
  }
  segment::ClientClosed closed{};
  closed.time_ns = 200;
  closed.client = 1;
  add(RecordKind::kClientClosed, closed);
  round();
  round({.most_spans = 0});
  EXPECT_TRUE(spans_.empty());
  round({.most_spans = 4});
  EXPECT_EQ(spans_.size(), 3U);
  round({.most_spans = 4});
  round({.most_spans = 400});
  ASSERT_EQ(spans_.size(), 10U);
  for (const Span& span : spans_) EXPECT_TRUE(span.shape->status_message.empty());
}

TEST_F(SpanAssemblerTest, EndsWhatAClosedClientLeftUnanswered) {
  add(RecordKind::kSendStarted, send_start(7, 100));
  add(RecordKind::kSendStarted, send_start(8, 110));
  segment::ClientClosed closed{};
  closed.client = 1;
  closed.time_ns = 900;
  add(RecordKind::kClientClosed, closed);
  round();
  add(RecordKind::kSendEnded, send_end(8, 800, 1));  // stood in a chunk that was read before
  round();
  ASSERT_EQ(spans_.size(), 2U);
  EXPECT_EQ(spans_[0].shape->status, StatusCode::kUnset);
  EXPECT_EQ(text(spans_[1], "error.type"), "_DESTROY");
  EXPECT_EQ(spans_[1].end_unix_ns, 1'000'900U);
}

TEST_F(SpanAssemblerTest, EndsWhatAHostLeftWithItsLastSignOfLife) {
  add(RecordKind::kSendStarted, send_start(7, 100));
  add(RecordKind::kConsumeStarted, consume_start(5, 200));
  add(RecordKind::kConsumedMessage, message_of(5, 1, 0, 0));
  end_host();
  ASSERT_EQ(spans_.size(), 2U);
  for (const Span& span : spans_) {
    EXPECT_TRUE(std::get<bool>(find(span, "waybill.unfinished")->value));
    EXPECT_EQ(span.end_unix_ns, 1'000'200U);
  }
}

TEST_F(SpanAssemblerTest, CountsRecordsThatContradictThemselves) {
  segment::SendStarted record = send_start(7, 100);
  record.key_size = 60'000;
  add(RecordKind::kSendStarted, record);
  const Place place = records_.keep(RecordKind::kSendEnded, send_end(7, 1, 1));
  assembler_->add({RecordKind::kSendEnded, {}}, place);
  assembler_->add({static_cast<RecordKind>(99), {}}, records_.keep(RecordKind::kPadding, send_end(7, 1, 1)));
  round();
  EXPECT_EQ(assembler_->counts().malformed, 3U);
  EXPECT_EQ(assembler_->counts().started, 0U);
  EXPECT_EQ(records_.size(), 0U);
}

TEST_F(SpanAssemblerTest, KeepsEachRecordUntilItsSpanIsExportedAndNoLonger) {
  add(RecordKind::kSendStarted, send_start(7, 100));
  add(RecordKind::kSendEnded, send_end(7, 300, 1));
  add(RecordKind::kSendEnded, send_end(8, 310, 1));  // not sampled
  segment::SendStarted lost = send_start(9, 320);
  add(RecordKind::kSendStarted, lost);
  add(RecordKind::kSendStarted, send_start(9, 330));  // the first's end found no room
  add(RecordKind::kSendEnded, send_end(9, 340, 2));
  add(RecordKind::kConsumedMessage, message_of(5, 1, 0, 10));
  add(RecordKind::kConsumeStarted, consume_start(5, 350));
  add(RecordKind::kConsumeEnded, consume_end(5, 360, 1));
  segment::ClientCluster cluster{};
  cluster.client = 1;
  cluster.cluster = 6;
  add(RecordKind::kClientCluster, cluster);
  add(RecordKind::kSendStarted, send_start(10, 370));
  round();
  round();
  EXPECT_EQ(spans_.size(), 3U);
  EXPECT_EQ(records_.size(), 9U);  // all but the unsampled end and the lost start
  settle_all();
  taken_ = 3;
  EXPECT_EQ(records_.size(), 2U);  // what is in flight, and the cluster
  segment::ClientClosed closed{};
  closed.client = 1;
  closed.time_ns = 900;
  add(RecordKind::kClientClosed, closed);
  round();
  round();
  settle_all();
  EXPECT_EQ(records_.size(), 0U);
}

TEST_F(SpanAssemblerTest, GoesOnWhereAnotherOneHadReadEverything) {
  for (std::uint64_t number = 0; number < 10; ++number) {
    add(RecordKind::kSendStarted, send_start(0x1000 + number, 10 + number));
    add(RecordKind::kSendEnded, send_end(0x1000 + number, 100 + number, 1));
  }
  round();
  round({.most_spans = 0});
  const std::uint64_t complete_until_ns = assembler_->complete_until_ns();
  assembler_ = new_assembler();
  assembler_->begin_from(complete_until_ns);
  records_.replay([&](const segment::RecordView& view, Place place) { assembler_->add(view, place); });
  round({.complete = false});  // nothing more can be read: there is no room for it
  EXPECT_EQ(spans_.size(), 10U);
}

}  // namespace
}  // namespace waybill::telemetry
