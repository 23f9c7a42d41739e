#include "waybill/telemetry/span_assembler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace waybill::telemetry {
namespace {

using segment::DefinitionKind;
using segment::RecordKind;

// Definitions from a table.
class TableDefinitions final : public Definitions {
 public:
  std::string_view text(std::uint32_t id, DefinitionKind) override {
    const auto found = texts.find(id);
    return found == texts.end() ? std::string_view{} : std::string_view{found->second};
  }
  std::map<std::uint32_t, std::string> texts{{1, "orders"},
                                             {2, std::string{"producer\0shop\0\0broker-1:9092\0"
                                                             "2.0.2\0all\0\0",
                                                             40}},
                                             {3, "127.0.0.1:9092"},
                                             {4, std::string{"_MSG_TIMED_OUT\0Local: Message timed out", 39}},
                                             {5, "payments"}};
};

// Records in memory. Checks that each is settled once.
class TableRecords final : public RecordStore {
 public:
  template <typename Record>
  Place keep(RecordKind kind, const Record& record, const std::string& tail = {}) {
    std::vector<std::uint8_t> bytes(sizeof record);
    std::memcpy(bytes.data(), &record, sizeof record);
    bytes.insert(bytes.end(), tail.begin(), tail.end());
    records_[++last_place_] = {kind, std::move(bytes)};
    return last_place_;
  }
  const std::uint8_t* record(Place place) const override { return records_.at(place).bytes.data(); }
  void settle(Place place) override { EXPECT_EQ(records_.erase(place), 1U) << place; }

  template <typename Visitor>
  void replay(Visitor&& visit) const {
    for (const auto& [place, kept] : records_) visit(segment::RecordView{kept.kind, kept.bytes}, place);
  }
  std::size_t size() const { return records_.size(); }

 private:
  struct Kept {
    RecordKind kind;
    std::vector<std::uint8_t> bytes;
  };
  std::map<Place, Kept> records_;
  Place last_place_ = 0;
};

const Attribute* find(const Span& span, const std::string& key) {
  const Attribute* found = nullptr;
  span.for_each_attribute([&](const Attribute& one) { found = one.key == key ? &one : found; });
  return found;
}
std::string text(const Span& span, const std::string& key) {
  const Attribute* attribute = find(span, key);
  return attribute == nullptr ? "(none)" : std::string{std::get<std::string_view>(attribute->value)};
}
std::int64_t number(const Span& span, const std::string& key) {
  const Attribute* attribute = find(span, key);
  return attribute == nullptr ? -99 : std::get<std::int64_t>(attribute->value);
}

segment::SendStarted send_start(std::uint64_t message, std::uint64_t time_ns) {
  segment::SendStarted record{};
  record.message = message;
  record.start_ns = time_ns;
  record.context.trace_id = {1};
  record.context.span_id = {2};
  record.context.flags = 1;
  record.client = 1;
  record.profile = 2;
  record.topic = 1;
  record.bits = segment::bits::kInjected;
  return record;
}

segment::SendEnded send_end(std::uint64_t message, std::uint64_t time_ns, std::int64_t offset) {
  segment::SendEnded record{};
  record.message = message;
  record.end_ns = time_ns;
  record.offset = offset;
  record.client = 1;
  record.persistence = segment::Persistence::kPersisted;
  return record;
}

segment::ConsumeStarted consume_start(std::uint64_t operation, std::uint64_t time_ns, std::uint8_t bits = 0) {
  segment::ConsumeStarted record{};
  record.operation = operation;
  record.start_ns = time_ns;
  record.context.trace_id = {1};
  record.context.span_id = {3};
  record.client = 1;
  record.profile = 2;
  record.kind = segment::ConsumeOperation::kProcess;
  record.bits = bits;
  return record;
}

segment::ConsumedMessage message_of(std::uint64_t operation, std::uint32_t topic, std::int32_t partition,
                                    std::int64_t offset) {
  segment::ConsumedMessage record{};
  record.operation = operation;
  record.creation.trace_id = {9};
  record.creation.span_id = {8};
  record.offset = offset;
  record.timestamp_ms = -1;
  record.client = 1;
  record.topic = topic;
  record.partition = partition;
  record.bits = segment::bits::kHasCreation;
  return record;
}

segment::SingleConsumed single(std::uint64_t operation, segment::ConsumeOperation kind) {
  segment::SingleConsumed record{};
  record.operation = operation;
  record.start_ns = 200;
  record.hand_over_ns = 250;
  record.context.trace_id = {9};
  record.context.span_id = {3};
  record.creation.trace_id = {9};
  record.creation.span_id = {8};
  record.offset = 42;
  record.timestamp_ms = -1;
  record.client = 1;
  record.profile = 2;
  record.topic = 1;
  record.partition = 7;
  record.kind = kind;
  record.bits = segment::bits::kHasCreation;
  return record;
}

segment::ConsumeEnded consume_end(std::uint64_t operation, std::uint64_t time_ns, std::uint32_t messages) {
  segment::ConsumeEnded record{};
  record.operation = operation;
  record.end_ns = time_ns;
  record.message_count = messages;
  record.client = 1;
  return record;
}

class SpanAssemblerTest : public ::testing::Test {
 protected:
  template <typename Record>
  void add(RecordKind kind, const Record& record, const std::string& tail = {}) {
    const Place place = records_.keep(kind, record, tail);
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(records_.record(place));
    assembler_->add({kind, {bytes, sizeof record + tail.size()}}, place);
  }
  void add_single(const segment::SingleConsumed& record, const std::string& tail = {}) {
    add(RecordKind::kSingleConsumed, record, tail);
  }
  void round(Round limits = {}) {
    assembler_->end_round(batches_, limits);
    take_spans();
  }
  void end_host() {
    assembler_->end_host(batches_);
    take_spans();
  }
  void take_spans() {
    for (std::unique_ptr<SpanBatch>& batch : batches_.take()) {
      spans_.insert(spans_.end(), batch->spans.begin(), batch->spans.end());
      handed_out_.push_back(std::move(batch));
    }
    check_books();
  }
  void check_books() const {
    const AssemblerCounts counts = assembler_->counts();
    EXPECT_EQ(counts.started, counts.finished + counts.lost_ends + counts.given_up + counts.in_flight);
    EXPECT_EQ(counts.finished, spans_.size() + taken_);
  }
  // The exporters are done with what was handed out so far.
  void settle_all() {
    for (const auto& batch : handed_out_) settle(*batch);
    handed_out_.clear();
    spans_.clear();
  }
  void settle(const SpanBatch& batch) {
    for (const Place place : batch.origins) records_.settle(place);
  }

  std::unique_ptr<SpanAssembler> new_assembler() {
    return std::make_unique<SpanAssembler>(
        definitions_, records_, ClockAnchor{.monotonic_ns = 0, .realtime_ns = 1'000'000}, SpanLimits{});
  }

  TableDefinitions definitions_;
  TableRecords records_;
  std::unique_ptr<SpanAssembler> assembler_ = new_assembler();
  SpanBatches batches_{100};
  std::vector<std::unique_ptr<SpanBatch>> handed_out_;
  std::vector<Span> spans_;
  std::size_t taken_ = 0;  // spans that a test took out
};

TEST_F(SpanAssemblerTest, MakesOneSpanOfAStartAndAnEnd) {
  add(RecordKind::kSendStarted, send_start(7, 100));
  segment::SendEnded end = send_end(7, 300, 42);
  end.request_ns = 150;
  end.broker = 3;
  end.partition = 5;
  add(RecordKind::kSendEnded, end);
  round();
  round();
  ASSERT_EQ(spans_.size(), 1U);
  const Span& span = spans_[0];
  EXPECT_EQ(span.shape->name, "send orders");
  EXPECT_EQ(span.shape->kind, SpanKind::kProducer);
  EXPECT_EQ(span.start_unix_ns, 1'000'100U);
  EXPECT_EQ(span.end_unix_ns, 1'000'300U);
  EXPECT_EQ(text(span, "messaging.destination.partition.id"), "5");
  EXPECT_EQ(number(span, "messaging.kafka.offset"), 42);
  EXPECT_EQ(text(span, "messaging.client.id"), "shop");
  EXPECT_EQ(text(span, "server.address"), "127.0.0.1");
  EXPECT_EQ(number(span, "waybill.kafka.acks"), -1);
  EXPECT_DOUBLE_EQ(std::get<double>(find(span, "waybill.kafka.queue_time_ms")->value), 0.00005);
}

TEST_F(SpanAssemblerTest, PairsAnEndThatIsReadBeforeItsStart) {
  add(RecordKind::kSendEnded, send_end(7, 300, 1));
  round();
  add(RecordKind::kSendStarted, send_start(7, 100));
  round();
  round();
  EXPECT_EQ(spans_.size(), 1U);
}

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

TEST_F(SpanAssemblerTest, GivesUpTheOlderHalfOfWhatIsInFlight) {
  for (std::uint64_t number = 0; number < 10; ++number) {
    add(RecordKind::kSendStarted, send_start(0x1000 + number, 100 + number));
    add(RecordKind::kSendStarted, send_start(0x1000 + number, 10 + number));
  }
  assembler_->give_up_oldest_sends();
  check_books();
  EXPECT_EQ(assembler_->counts().given_up, 11U);  // with the one in the middle
  EXPECT_EQ(records_.size(), 9U);
  for (std::uint64_t number = 0; number < 10; ++number)
    add(RecordKind::kSendEnded, send_end(0x1000 + number, 200 + number, 1));
  round();
  round();
  EXPECT_EQ(spans_.size(), 9U);
}

TEST_F(SpanAssemblerTest, IgnoresTheEndOfAMessageThatWasNotSampled) {
  add(RecordKind::kSendEnded, send_end(7, 300, 1));
  round();
  round();
  add(RecordKind::kSendStarted, send_start(7, 400));
  round();
  round();
  EXPECT_TRUE(spans_.empty());
  EXPECT_EQ(assembler_->counts().in_flight, 1U);
}

TEST_F(SpanAssemblerTest, DoesNotPairOverARecordThatWasRefused) {
  add(RecordKind::kSendStarted, send_start(7, 100));
  segment::SendEnded of_a_later_send =
      send_end(7, 500, 1);  // the first's end and the second's start found no room
  of_a_later_send.refusals = 2;
  add(RecordKind::kSendEnded, of_a_later_send);
  round();
  round();
  EXPECT_TRUE(spans_.empty());
  EXPECT_EQ(assembler_->counts().lost_ends, 1U);
}

TEST_F(SpanAssemblerTest, TellsTheErrorByItsNameAndItsDescription) {
  add(RecordKind::kSendStarted, send_start(7, 100));
  segment::SendEnded end = send_end(7, 300, -1001);
  end.error = 4;
  end.partition = -1;
  end.persistence = segment::Persistence::kNotPersisted;
  add(RecordKind::kSendEnded, end);
  round();
  round();
  ASSERT_EQ(spans_.size(), 1U);
  EXPECT_EQ(spans_[0].shape->status, StatusCode::kError);
  EXPECT_EQ(spans_[0].shape->status_message, "Local: Message timed out");
  EXPECT_EQ(text(spans_[0], "error.type"), "_MSG_TIMED_OUT");
  EXPECT_EQ(find(spans_[0], "messaging.kafka.offset"), nullptr);
  EXPECT_EQ(find(spans_[0], "messaging.destination.partition.id"), nullptr);
}

TEST_F(SpanAssemblerTest, DoesNotTrustOffsetsThatContinueARunFromBelowZero) {
  std::uint64_t time_ns = 100;
  for (const std::int64_t offset : {-1, 0, 1, 500, 501}) {
    add(RecordKind::kSendStarted, send_start(7, time_ns++));
    add(RecordKind::kSendEnded, send_end(7, time_ns++, offset));
  }
  round();
  round();
  ASSERT_EQ(spans_.size(), 5U);
  std::vector<std::int64_t> offsets;
  for (const Span& span : spans_) offsets.push_back(number(span, "messaging.kafka.offset"));
  EXPECT_EQ(offsets, (std::vector<std::int64_t>{-99, -99, -99, 500, 501}));
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

TEST_F(SpanAssemblerTest, ClaimsNoFailureOfASendWhoseEndMayHaveFoundNoRoom) {
  add(RecordKind::kSendStarted, send_start(7, 100));
  add(RecordKind::kSendStarted, send_start(8, 110));
  assembler_->host_dropped_ends(1);
  end_host();
  ASSERT_EQ(spans_.size(), 2U);
  for (const Span& span : spans_) {
    EXPECT_TRUE(std::get<bool>(find(span, "waybill.unfinished")->value));
    EXPECT_EQ(span.shape->status, StatusCode::kUnset);
    EXPECT_EQ(find(span, "error.type"), nullptr);
  }
}

TEST_F(SpanAssemblerTest, JoinsABatchWhoseMessagesComeBeforeAndAfterItsStart) {
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

TEST_F(SpanAssemblerTest, MakesOneSpanOfASingleMessageAndItsEnd) {
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

TEST_F(SpanAssemblerTest, SaysTheSameOfASingleMessageInOneRecordAndInTwo) {
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

TEST_F(SpanAssemblerTest, EndsASingleReceiveOperationAtTheHandOver) {
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

TEST_F(SpanAssemblerTest, EndsASingleMessageThatAHostLeftWithItsLastSignOfLife) {
  add_single(single(5, segment::ConsumeOperation::kProcess));
  end_host();
  ASSERT_EQ(spans_.size(), 1U);
  EXPECT_TRUE(std::get<bool>(find(spans_[0], "waybill.unfinished")->value));
  EXPECT_EQ(spans_[0].end_unix_ns, 1'000'250U);
  settle_all();
  taken_ = 1;
  EXPECT_EQ(records_.size(), 0U);
}

TEST_F(SpanAssemblerTest, PairsASingleMessageWithAnEndThatIsReadBeforeItAndLiesBeforeIt) {
  add(RecordKind::kConsumeEnded, consume_end(5, 100, 1));
  round();
  add_single(single(5, segment::ConsumeOperation::kProcess));
  round();
  ASSERT_EQ(spans_.size(), 1U);
  EXPECT_EQ(spans_[0].start_unix_ns, spans_[0].end_unix_ns);
}

TEST_F(SpanAssemblerTest, RefusesASingleMessageThatContradictsItselfOrWhatIsKnown) {
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

TEST_F(SpanAssemblerTest, CountsWhatIsBeyondTheMessagesOfAnOperationWithASingleOneToo) {
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

TEST_F(SpanAssemblerTest, GivesUpOnAMessageRecordThatTheHostHadNoRoomFor) {
  add(RecordKind::kConsumeStarted, consume_start(5, 200));
  add(RecordKind::kConsumeEnded, consume_end(5, 300, 1));
  round();
  round();
  ASSERT_EQ(spans_.size(), 1U);
  EXPECT_EQ(spans_[0].shape->name, "process");
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

TEST_F(SpanAssemblerTest, ForgetsMessagesOfAnOperationThatNeverStarted) {
  add(RecordKind::kConsumedMessage, message_of(5, 1, 0, 10));
  add(RecordKind::kConsumeEnded, consume_end(6, 300, 1));
  round();
  add(RecordKind::kSendEnded, send_end(8, 100'000'000'000, 1));
  round();
  round();
  EXPECT_EQ(records_.size(), 0U);
}

// Hosts write in the order of time into chunks, move on to another chunk now and then, and find no room now
// and then; the reader reads chunk by chunk at any moment, is killed now and then, and another one reads what
// it left. Serial numbers hidden in span id and offset prove each pair.
TEST_F(SpanAssemblerTest, NeverPairsWronglyInWhateverOrderChunksAreReadAndWhoeverReadsThem) {
  struct Written {
    bool is_start;
    segment::SendStarted start;
    segment::SendEnded end;
  };
  std::mt19937_64 random{20261124};
  constexpr std::size_t kChunks = 5;
  constexpr std::uint64_t kAddresses = 8;
  std::deque<Written> chunks[kChunks];
  std::uint16_t refusals[kAddresses] = {};
  std::optional<std::uint32_t> in_flight[kAddresses];
  bool sampled[kAddresses] = {};
  std::size_t start_chunk = 0;
  std::size_t end_chunk = 1;
  std::uint64_t time_ns = 1;
  std::uint32_t serial = 0;
  bool started[kAddresses] = {};  // its start found room
  std::size_t complete = 0;       // sends whose two records found room
  std::set<std::uint32_t> told;
  std::uint64_t lost = 0;

  const auto read_chunk = [&](std::size_t chunk) {
    for (const Written& record : chunks[chunk]) {
      record.is_start ? add(RecordKind::kSendStarted, record.start) : add(RecordKind::kSendEnded, record.end);
    }
    chunks[chunk].clear();
  };
  const auto step = [&] {
    const std::uint64_t address = random() % kAddresses;
    if (random() % 20 == 0) start_chunk = random() % kChunks;
    if (random() % 20 == 0) end_chunk = random() % kChunks;
    const bool room = random() % 10 != 0;
    if (!in_flight[address]) {
      in_flight[address] = ++serial;
      sampled[address] = random() % 3 != 0;
      if (!sampled[address]) return;
      segment::SendStarted start = send_start(address, time_ns++);
      start.context.span_id = {};
      std::memcpy(start.context.span_id.data(), &serial, sizeof serial);
      start.refusals = refusals[address];
      started[address] = room;
      if (room)
        chunks[start_chunk].push_back({true, start, {}});
      else
        ++refusals[address];
    } else {
      segment::SendEnded end = send_end(address, time_ns++, *in_flight[address]);
      end.refusals = refusals[address];
      in_flight[address].reset();
      if (room && sampled[address] && started[address]) ++complete;
      if (room)
        chunks[end_chunk].push_back({false, {}, end});
      else
        ++refusals[address];
    }
  };
  for (int turn = 0; turn < 3'000; ++turn) {
    for (std::size_t chunk = 0; chunk < kChunks; ++chunk) {
      for (std::uint64_t steps = random() % 12; steps != 0; --steps)
        step();  // the host goes on while the reader reads
      read_chunk(chunk);
    }
    round();
    for (const Span& span : spans_) {
      std::uint32_t number_of_span = 0;
      std::memcpy(&number_of_span, span.context.span_id.bytes.data(), sizeof number_of_span);
      ASSERT_EQ(number(span, "messaging.kafka.offset"), number_of_span);
      told.insert(number_of_span);
    }
    taken_ += spans_.size();
    spans_.clear();
    // The exporters answer in any order.
    std::shuffle(handed_out_.begin(), handed_out_.end(), random);
    while (!handed_out_.empty() && random() % 3 != 0) {
      settle(*handed_out_.back());
      handed_out_.pop_back();
    }
    if (turn % 100 == 99) {
      lost += assembler_->counts().lost_ends;
      handed_out_.clear();  // died with their process
      assembler_ = new_assembler();
      taken_ = 0;
      records_.replay([&](const segment::RecordView& view, Place place) { assembler_->add(view, place); });
    }
  }
  for (std::size_t chunk = 0; chunk < kChunks; ++chunk) read_chunk(chunk);
  for (int last = 0; last < 2; ++last) {
    round();
    for (const Span& span : std::exchange(spans_, {}))
      told.insert(static_cast<std::uint32_t>(number(span, "messaging.kafka.offset")));
    taken_ = assembler_->counts().finished;
  }
  EXPECT_EQ(told.size(), complete);
  EXPECT_GT(told.size(), 10'000U);
  EXPECT_GT(lost, 100U);
}

}  // namespace
}  // namespace waybill::telemetry
