#include "waybill/telemetry/send_assembler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <utility>

#include "waybill/telemetry/testing/assembler_fixture.h"

namespace waybill::telemetry {
namespace {

using namespace testing;

class SendAssemblerTest : public AssemblerTest {};

TEST_F(SendAssemblerTest, MakesOneSpanOfAStartAndAnEnd) {
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

TEST_F(SendAssemblerTest, MakesACreateSpanOfAMessageOfABatch) {
  segment::SendStarted start = send_start(7, 100);
  start.bits |= segment::bits::kBatch;
  add(RecordKind::kSendStarted, start);
  add(RecordKind::kSendEnded, send_end(7, 300, 42));
  start.message = 8;
  add(RecordKind::kSendStarted, start);
  end_host();
  ASSERT_EQ(spans_.size(), 2U);
  for (const Span& span : spans_) {
    EXPECT_EQ(span.shape->name, "create orders");
    EXPECT_EQ(span.shape->kind, SpanKind::kProducer);
    EXPECT_EQ(text(span, "messaging.operation.type"), "create");
    EXPECT_EQ(find(span, "messaging.kafka.offset"), nullptr);
    EXPECT_EQ(find(span, "messaging.client.id"), nullptr);
  }
  EXPECT_EQ(spans_[0].end_unix_ns, 1'000'300U);
  EXPECT_EQ(text(spans_[1], "error.type"), "_OTHER");
}

TEST_F(SendAssemblerTest, ShowsTheHeadersThatStandBehindKeyAndTracestate) {
  segment::SendStarted start = send_start(7, 100);
  start.key_size = 1;
  start.tracestate_size = 3;
  start.has_headers = 1;
  add(RecordKind::kSendStarted, start, std::string{"ka=1\1\0\0\0\1\0\1\0\0\1hv", 16});
  start.message = 8;
  add(RecordKind::kSendStarted, start, "ka=1");  // they are not there
  add(RecordKind::kSendEnded, send_end(7, 300, 42));
  add(RecordKind::kSendEnded, send_end(8, 300, 43));
  round();
  round();
  ASSERT_EQ(spans_.size(), 1U);
  const Attribute* header = find(spans_[0], "messaging.header.h");
  ASSERT_NE(header, nullptr);
  EXPECT_EQ(std::get<std::span<const std::string_view>>(header->value)[0], "v");
}

TEST_F(SendAssemblerTest, PairsAnEndThatIsReadBeforeItsStart) {
  add(RecordKind::kSendEnded, send_end(7, 300, 1));
  round();
  add(RecordKind::kSendStarted, send_start(7, 100));
  round();
  round();
  EXPECT_EQ(spans_.size(), 1U);
}

TEST_F(SendAssemblerTest, GivesUpTheOlderHalfOfWhatIsInFlight) {
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

TEST_F(SendAssemblerTest, IgnoresTheEndOfAMessageThatWasNotSampled) {
  add(RecordKind::kSendEnded, send_end(7, 300, 1));
  round();
  round();
  add(RecordKind::kSendStarted, send_start(7, 400));
  round();
  round();
  EXPECT_TRUE(spans_.empty());
  EXPECT_EQ(assembler_->counts().in_flight, 1U);
}

TEST_F(SendAssemblerTest, DoesNotPairOverARecordThatWasRefused) {
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

TEST_F(SendAssemblerTest, TellsTheErrorByItsNameAndItsDescription) {
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

TEST_F(SendAssemblerTest, DoesNotTrustOffsetsThatContinueARunFromBelowZero) {
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

TEST_F(SendAssemblerTest, ClaimsNoFailureOfASendWhoseEndMayHaveFoundNoRoom) {
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

// Hosts write in the order of time into chunks, move on to another chunk now and then, and find no room now
// and then; the reader reads chunk by chunk at any moment, is killed now and then, and another one reads what
// it left. Serial numbers hidden in span id and offset prove each pair.
TEST_F(SendAssemblerTest, NeverPairsWronglyInWhateverOrderChunksAreReadAndWhoeverReadsThem) {
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
