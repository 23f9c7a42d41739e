#include "waybill/telemetry/span_assembler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <map>
#include <random>
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

const Attribute* find(const Span& span, const std::string& key) {
  const auto found = std::find_if(span.attributes.begin(), span.attributes.end(),
                                  [&](const Attribute& one) { return one.key == key; });
  return found == span.attributes.end() ? nullptr : &*found;
}
std::string text(const Span& span, const std::string& key) {
  const Attribute* attribute = find(span, key);
  return attribute == nullptr ? "(none)" : std::get<std::string>(attribute->value);
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
  void add(RecordKind kind, const Record& record) {
    std::vector<std::uint8_t> bytes(sizeof record);
    std::memcpy(bytes.data(), &record, sizeof record);
    assembler_.add({kind, bytes});
  }
  void round() {
    assembler_.end_round(spans_);
    check_books();
  }
  void check_books() const {
    const AssemblerCounts counts = assembler_.counts();
    EXPECT_EQ(counts.started, counts.finished + counts.lost_ends + counts.refused + counts.in_flight);
    EXPECT_EQ(counts.finished, spans_.size() + taken_);
  }

  TableDefinitions definitions_;
  SpanAssembler assembler_{definitions_, {.monotonic_ns = 0, .realtime_ns = 1'000'000}, {}, 1'000'000};
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
  EXPECT_EQ(span.name, "send orders");
  EXPECT_EQ(span.kind, SpanKind::kProducer);
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

TEST_F(SpanAssemblerTest, IgnoresTheEndOfAMessageThatWasNotSampled) {
  add(RecordKind::kSendEnded, send_end(7, 300, 1));
  round();
  round();
  add(RecordKind::kSendStarted, send_start(7, 400));
  round();
  round();
  EXPECT_TRUE(spans_.empty());
  EXPECT_EQ(assembler_.counts().in_flight, 1U);
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
  EXPECT_EQ(assembler_.counts().lost_ends, 1U);
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
  EXPECT_EQ(spans_[0].status, StatusCode::kError);
  EXPECT_EQ(spans_[0].status_message, "Local: Message timed out");
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
  EXPECT_EQ(spans_[0].status, StatusCode::kUnset);
  EXPECT_EQ(text(spans_[1], "error.type"), "_DESTROY");
  EXPECT_EQ(spans_[1].end_unix_ns, 1'000'900U);
}

TEST_F(SpanAssemblerTest, EndsWhatAHostLeftWithItsLastSignOfLife) {
  add(RecordKind::kSendStarted, send_start(7, 100));
  add(RecordKind::kConsumeStarted, consume_start(5, 200));
  add(RecordKind::kConsumedMessage, message_of(5, 1, 0, 0));
  assembler_.end_host(spans_);
  check_books();
  ASSERT_EQ(spans_.size(), 2U);
  for (const Span& span : spans_) {
    EXPECT_TRUE(std::get<bool>(find(span, "waybill.unfinished")->value));
    EXPECT_EQ(span.end_unix_ns, 1'000'200U);
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
  EXPECT_EQ(spans_[0].name, "process");  // two topics: nothing is taken from the first message only
  EXPECT_EQ(number(spans_[0], "messaging.batch.message_count"), 2);
  ASSERT_EQ(spans_[0].links.size(), 2U);
  EXPECT_EQ(std::get<std::string>(spans_[0].links[1].attributes[0].value), "payments");
}

TEST_F(SpanAssemblerTest, GivesUpOnAMessageRecordThatTheHostHadNoRoomFor) {
  add(RecordKind::kConsumeStarted, consume_start(5, 200));
  add(RecordKind::kConsumeEnded, consume_end(5, 300, 1));
  round();
  round();
  ASSERT_EQ(spans_.size(), 1U);
  EXPECT_EQ(spans_[0].name, "process");
}

TEST_F(SpanAssemblerTest, CountsRecordsThatContradictThemselves) {
  segment::SendStarted record = send_start(7, 100);
  record.key_size = 60'000;
  add(RecordKind::kSendStarted, record);
  assembler_.add({RecordKind::kSendEnded, {}});
  assembler_.add({static_cast<RecordKind>(99), {}});
  round();
  EXPECT_EQ(assembler_.counts().malformed, 3U);
  EXPECT_EQ(assembler_.counts().started, 0U);
}

// Hosts write in the order of time into chunks, move on to another chunk now and then, and find no room now
// and then; the reader reads chunk by chunk at any moment. Serial numbers hidden in partition and offset
// prove each pair.
TEST_F(SpanAssemblerTest, NeverPairsWronglyInWhateverOrderChunksAreRead) {
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
      if (room)
        chunks[start_chunk].push_back({true, start, {}});
      else
        ++refusals[address];
    } else {
      segment::SendEnded end = send_end(address, time_ns++, *in_flight[address]);
      end.refusals = refusals[address];
      in_flight[address].reset();
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
      std::uint32_t started = 0;
      std::memcpy(&started, span.context.span_id.bytes.data(), sizeof started);
      ASSERT_EQ(number(span, "messaging.kafka.offset"), started);
    }
    taken_ += spans_.size();
    spans_.clear();
  }
  EXPECT_GT(taken_, 10'000U);
  EXPECT_GT(assembler_.counts().lost_ends, 100U);
}

}  // namespace
}  // namespace waybill::telemetry
