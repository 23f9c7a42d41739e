#include <gtest/gtest.h>

#include <cstring>
#include <optional>
#include <string>

#include "waybill/observe/testing/hall.h"

namespace waybill::observe {
namespace {

using testing::client_of;
using testing::hall;

// Polls that get an error. The queue that is polled is any address.
class FailedPollTest : public ::testing::Test {
 protected:
  FailedPollTest() {
    hall().publish({});
    hall().written();
    error_ = room().define_error({"_STATE\0Local: Erroneous state", 29});
  }
  ~FailedPollTest() override { hall().room().close_client(consumer_); }

  Room& room() { return hall().room(); }
  void begin(PollMode mode = PollMode::kOne) { room().begin_poll(&consumer_, mode); }
  void hand_over(std::int64_t offset) {
    IncomingMessage message;
    message.topic = "orders";
    message.partition = 0;
    message.offset = offset;
    room().hand_over(consumer_, message);
  }
  void fail() {
    room().fail_poll(consumer_, {"orders", 2, error_, "gone"});
    room().end_poll(true);
  }

  template <typename Record>
  std::optional<Record> written(segment::RecordKind kind, std::string* rest = nullptr) {
    std::optional<Record> found;
    hall().drain([&](const segment::RecordView& view) {
      if (view.kind != kind) return;
      EXPECT_FALSE(found);
      std::memcpy(&found.emplace(), view.bytes.data(), sizeof(Record));
      if (rest != nullptr)
        rest->assign(reinterpret_cast<const char*>(view.bytes.data()) + sizeof(Record),
                     found->description_size);
    });
    return found;
  }
  std::optional<segment::WholeOperation> poll(std::string* rest = nullptr) {
    return written<segment::WholeOperation>(segment::RecordKind::kWholeOperation, rest);
  }
  std::uint64_t counted() {
    std::uint64_t count = 0;
    hall().reader().refresh();
    hall().reader().for_each_cell([&](const segment::MetricCell& cell) {
      if (cell.key.kind == segment::CellKind::kPoll && cell.key.error == error_) count += cell.count;
    });
    return count;
  }

  Client& consumer_ = client_of(false, "billing");
  std::uint32_t error_ = 0;
};

TEST_F(FailedPollTest, IsToldFromItsBegin) {
  const std::uint64_t before = counted();
  begin();
  fail();
  std::string description;
  const auto record = poll(&description);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->kind, segment::WholeKind::kReceive);
  EXPECT_EQ(record->parent_span_id, context::SpanId{}.bytes);
  EXPECT_NE(record->topic, 0U);
  EXPECT_EQ(record->partition, 2);
  EXPECT_EQ(record->error, error_);
  EXPECT_EQ(description, "gone");
  EXPECT_GT(record->start_ns, 0U);
  EXPECT_GE(record->end_ns, record->start_ns);
  EXPECT_EQ(counted(), before + 1);
}

TEST_F(FailedPollTest, IsToldOnceWhereTwoDoorsSeeIt) {
  const std::uint64_t before = counted();
  begin();
  begin();
  fail();
  fail();
  EXPECT_TRUE(poll());
  EXPECT_EQ(counted(), before + 1);
}

TEST_F(FailedPollTest, IsNoneWhereNoPollHasBegun) {
  begin();
  room().end_poll(false);
  EXPECT_FALSE(poll());
  begin();
  fail();
  hall().written();
  room().fail_poll(consumer_, {"orders", 2, error_, "gone"});
  EXPECT_FALSE(poll());
}

TEST_F(FailedPollTest, IsThatOfTheMessagesThatCameBeforeTheError) {
  const std::uint64_t before = counted();
  begin(PollMode::kBatch);
  hand_over(1);
  hand_over(2);
  fail();
  std::string description;
  const auto end = written<segment::ConsumeEnded>(segment::RecordKind::kConsumeEnded, &description);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->message_count, 2U);
  EXPECT_EQ(end->error, error_);
  EXPECT_EQ(description, "gone");
  EXPECT_EQ(counted(), before + 1);
}

TEST_F(FailedPollTest, HasNoSpanWhereItIsNotSampledUnlessItIsToBeKept) {
  segment::HostSettings settings;
  settings.samplers[0] = static_cast<std::uint8_t>(context::Sampler::Kind::kAlwaysOff);
  hall().publish(settings);
  begin();
  fail();
  EXPECT_FALSE(poll());
  settings.record_unsampled = true;
  hall().publish(settings);
  begin();
  fail();
  EXPECT_TRUE(poll());
}

TEST_F(FailedPollTest, IsOnlyCountedWhereItsKindIsLeftOut) {
  segment::HostSettings settings;
  settings.receives = false;
  hall().publish(settings);
  const std::uint64_t before = counted();
  begin();
  fail();
  EXPECT_FALSE(poll());
  EXPECT_EQ(counted(), before + 1);
}

}  // namespace
}  // namespace waybill::observe
