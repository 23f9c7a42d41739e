#include <gtest/gtest.h>

#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "waybill/base/clock.h"
#include "waybill/observe/testing/hall.h"

namespace waybill::observe {
namespace {

using testing::client_of;
using testing::hall;

// A commit as it stands in the segment.
struct Written {
  segment::WholeOperation record;
  std::vector<segment::RecordContext> links;
};

class SettlingTest : public ::testing::Test {
 protected:
  SettlingTest() {
    hall().publish({});
    hall().written();
  }
  ~SettlingTest() override {
    hall().room().close_client(consumer_);
    hall().room().close_client(producer_);
  }

  Room& room() { return hall().room(); }

  ScopeTicket begin(std::int64_t offset, std::int32_t partition = 0) {
    IncomingMessage message;
    message.topic = "orders";
    message.partition = partition;
    message.offset = offset;
    const ScopeTicket ticket = room().begin_processing(consumer_, message);
    room().remember_processing(consumer_, {"orders", partition, offset});
    return ticket;
  }
  // Returns the context of the processing.
  context::SpanContext process(std::int64_t offset, std::int32_t partition = 0) {
    const ScopeTicket ticket = begin(offset, partition);
    const context::SpanContext own = room().current_context().context;
    room().end_processing(ticket, {});
    return own;
  }
  void settle(const std::vector<SettledPartition>& partitions, std::uint32_t error = 0,
              const Client* producer = nullptr) {
    Settlement settlement;
    settlement.start_ns = base::monotonic_ns();
    settlement.partitions = partitions.data();
    settlement.count = partitions.size();
    settlement.error = error;
    settlement.description = error != 0 ? "too late" : "";
    room().settle(consumer_, producer, settlement);
  }
  std::optional<Written> written() {
    std::optional<Written> found;
    hall().drain([&](const segment::RecordView& view) {
      if (view.kind != segment::RecordKind::kWholeOperation) return;
      EXPECT_FALSE(found);
      Written& made = found.emplace();
      std::memcpy(&made.record, view.bytes.data(), sizeof made.record);
      made.links.resize(made.record.link_count);
      if (!made.links.empty())
        std::memcpy(made.links.data(), view.bytes.data() + sizeof made.record, made.links.size() * 32);
    });
    return found;
  }
  std::uint64_t counted(bool failed = false) {
    std::uint64_t count = 0;
    hall().reader().refresh();
    hall().reader().for_each_cell([&](const segment::MetricCell& cell) {
      if (cell.key.kind == segment::CellKind::kSettle && (cell.key.error != 0) == failed) count += cell.count;
    });
    return count;
  }

  Client& consumer_ = client_of(false, "billing");
  Client& producer_ = client_of(true);
};

TEST_F(SettlingTest, IsAChildOfTheProcessingOfTheLastRecord) {
  process(7);
  const context::SpanContext last = process(8);
  settle({{"orders", 0, 9}});
  const auto commit = written();
  ASSERT_TRUE(commit);
  EXPECT_EQ(commit->record.parent_span_id, last.span_id.bytes);
  EXPECT_EQ(commit->record.context.trace_id, last.trace_id.bytes);
  EXPECT_EQ(commit->record.kind, segment::WholeKind::kSettle);
  EXPECT_EQ(commit->record.partition, 0);
  EXPECT_NE(commit->record.topic, 0U);
  EXPECT_TRUE(commit->links.empty());
}

TEST_F(SettlingTest, HasTheTracestateOfItsParent) {
  IncomingMessage message;
  message.topic = "orders";
  message.partition = 0;
  message.offset = 7;
  message.creation.context.trace_id.bytes[0] = 1;
  message.creation.context.span_id.bytes[0] = 2;
  message.creation.context.flags = context::kFlagSampled;
  message.creation.tracestate = "vendor=1";
  const ScopeTicket ticket = room().begin_processing(consumer_, message);
  room().remember_processing(consumer_, {"orders", 0, 7});
  room().end_processing(ticket, {});
  settle({{"orders", 0, 8}});
  const auto commit = written();
  ASSERT_TRUE(commit);
  EXPECT_EQ(commit->record.tracestate_size, 8U);
}

TEST_F(SettlingTest, IsLinkedToTheProcessingInOtherPartitions) {
  const context::SpanContext first = process(7, 0);
  const context::SpanContext last = process(3, 1);
  settle({{"orders", 0, 8}, {"orders", 1, 4}, {"orders", 2, 1}});
  const auto commit = written();
  ASSERT_TRUE(commit);
  EXPECT_EQ(commit->record.parent_span_id, last.span_id.bytes);
  EXPECT_EQ(commit->record.partition, -1);
  ASSERT_EQ(commit->links.size(), 1U);
  EXPECT_EQ(commit->links[0].span_id, first.span_id.bytes);
}

TEST_F(SettlingTest, IsAChildOfWhatIsCurrent) {
  const context::SpanContext before = process(7);
  const ScopeTicket ticket = begin(8);
  const context::SpanContext current = room().current_context().context;
  settle({{"orders", 0, 8}});
  const auto own = written();
  ASSERT_TRUE(own);
  EXPECT_EQ(own->record.parent_span_id, current.span_id.bytes);
  EXPECT_TRUE(own->links.empty());  // of that record nothing is known any more
  room().end_processing(ticket, {});
  const std::uint64_t transaction = room().begin_transaction(producer_);
  const context::SpanId in_transaction = room().plan_send(producer_, "orders", {}).parent;
  settle({{"orders", 0, 9}}, 0, &producer_);
  const auto of_transaction = written();
  ASSERT_TRUE(of_transaction);
  EXPECT_EQ(of_transaction->record.parent_span_id, in_transaction.bytes);
  ASSERT_EQ(of_transaction->links.size(), 1U);
  EXPECT_EQ(of_transaction->links[0].span_id, current.span_id.bytes);
  EXPECT_NE(before.span_id, current.span_id);
  room().end_transaction(producer_, transaction, {});
}

TEST_F(SettlingTest, HasNoSpanWithoutAParentAndIsCountedAllTheSame) {
  const std::uint64_t before = counted();
  settle({{"orders", 0, 9}});
  EXPECT_FALSE(written());
  process(9);
  settle({{"orders", 0, 9}});  // not that record
  EXPECT_FALSE(written());
  EXPECT_EQ(counted(), before + 2);
}

TEST_F(SettlingTest, SettlesARecordOnceUnlessItFailed) {
  const std::uint64_t failed_before = counted(true);
  process(7);
  const std::uint32_t error = room().define_error({"_TIMED_OUT\0timed out", 20});
  settle({{"orders", 0, 8}}, error);
  const auto failed = written();
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->record.error, error);
  EXPECT_EQ(failed->record.description_size, 8U);
  EXPECT_EQ(counted(true), failed_before + 1);
  settle({{"orders", 0, 8}});
  EXPECT_TRUE(written());
  settle({{"orders", 0, 8}});
  EXPECT_FALSE(written());
}

TEST_F(SettlingTest, FollowsItsParentWhereThatIsNotSampled) {
  segment::HostSettings settings;
  settings.samplers[0] = static_cast<std::uint8_t>(context::Sampler::Kind::kAlwaysOff);
  hall().publish(settings);
  process(7);
  settle({{"orders", 0, 8}});
  EXPECT_FALSE(written());
}

TEST_F(SettlingTest, HasNoSpanWhereItsKindIsLeftOut) {
  segment::HostSettings settings;
  settings.settles = false;
  hall().publish(settings);
  const std::uint64_t before = counted();
  process(7);
  settle({{"orders", 0, 8}});
  EXPECT_FALSE(written());
  EXPECT_EQ(counted(), before + 1);
}

}  // namespace
}  // namespace waybill::observe
