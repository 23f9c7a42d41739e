#include "waybill/observe/processed_records.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

namespace waybill::observe {
namespace {

ProcessedRecords::Processing processing_of(std::int64_t offset, std::uint64_t start_ns = 1) {
  ProcessedRecords::Processing processing;
  processing.context.trace_id.bytes[0] = 1;
  processing.context.span_id.bytes[0] = static_cast<std::uint8_t>(offset + 1);
  processing.offset = offset;
  processing.start_ns = start_ns;
  return processing;
}

class ProcessedRecordsTest : public ::testing::Test {
 protected:
  // As it lies in the room's memory.
  std::unique_ptr<ProcessedRecords> records_ = std::make_unique<ProcessedRecords>();
};

TEST_F(ProcessedRecordsTest, KnowTheLastRecordOfAPartitionUntilItIsSettled) {
  const ProcessedRecords::Key key{1, 2, 3};
  EXPECT_FALSE(records_->unsettled(key, 100).context.valid());
  records_->put(key, processing_of(7));
  records_->put(key, processing_of(8));
  EXPECT_EQ(records_->unsettled(key, 9).offset, 8);
  EXPECT_FALSE(records_->unsettled(key, 8).context.valid());  // it was processed, and is not committed
  EXPECT_FALSE(records_->unsettled({1, 2, 4}, 9).context.valid());
  records_->settle(key, 9);
  EXPECT_FALSE(records_->unsettled(key, 9).context.valid());
  records_->put(key, processing_of(9));
  EXPECT_EQ(records_->unsettled(key, 10).offset, 9);
}

TEST_F(ProcessedRecordsTest, KnowWhichTracestateCameWithIt) {
  const ProcessedRecords::Key key{1, 2, 3};
  records_->put(key, processing_of(7), "vendor=1");
  EXPECT_EQ(records_->tracestate_of(key, processing_of(7)).view(), "vendor=1");
  EXPECT_EQ(records_->tracestate_of(key, processing_of(6)).view(), "");
  EXPECT_EQ(records_->tracestate_of({1, 2, 4}, processing_of(7)).view(), "");
  records_->put(key, processing_of(8));
  EXPECT_EQ(records_->tracestate_of(key, processing_of(8)).view(), "");
  const std::string too_long(segment::kMaxTracestate + 1, 'x');
  records_->put(key, processing_of(9), too_long);
  EXPECT_EQ(records_->tracestate_of(key, processing_of(9)).view().size(), segment::kMaxTracestate);
}

TEST_F(ProcessedRecordsTest, KnowARecordThatIsProcessedAgain) {
  const ProcessedRecords::Key key{1, 2, 3};
  records_->put(key, processing_of(99));
  records_->settle(key, 100);
  records_->put(key, processing_of(50));  // after a seek
  EXPECT_EQ(records_->unsettled(key, 51).offset, 50);
  records_->settle(key, 51);
  EXPECT_FALSE(records_->unsettled(key, 51).context.valid());
}

TEST_F(ProcessedRecordsTest, ForgetThePartitionThatWasProcessedLongestAgoWhereThereIsNoRoom) {
  for (std::int32_t partition = 0; partition < 20'000; ++partition)
    records_->put({1, 1, partition}, processing_of(1, 1 + static_cast<std::uint64_t>(partition)));
  EXPECT_EQ(records_->unsettled({1, 1, 19'999}, 2).offset, 1);
  EXPECT_FALSE(records_->unsettled({1, 1, 0}, 2).context.valid());
  int known = 0;
  for (std::int32_t partition = 0; partition < 20'000; ++partition)
    known += records_->unsettled({1, 1, partition}, 2).context.valid() ? 1 : 0;
  EXPECT_GT(known, 900);
  EXPECT_LE(known, 1024);
}

// What is found is whole, whoever writes meanwhile.
TEST_F(ProcessedRecordsTest, MayBeUsedByManyThreads) {
  const ProcessedRecords::Key key{1, 2, 3};
  std::atomic<bool> done = false;
  std::thread writer{[&] {
    for (std::int64_t offset = 0; offset < 100'000; ++offset) records_->put(key, processing_of(offset % 100));
    done = true;
  }};
  while (!done) {
    const ProcessedRecords::Processing found = records_->unsettled(key, 1000);
    if (!found.context.valid()) continue;
    EXPECT_EQ(found.context.span_id.bytes[0], found.offset + 1);
  }
  writer.join();
}

}  // namespace
}  // namespace waybill::observe
