#include <gtest/gtest.h>

#include <chrono>
#include <mutex>
#include <utility>

#include "waybill/collect/testing/host_fixture.h"
#include "waybill/exporters/queued_exporter.h"
#include "waybill/telemetry/log_record.h"

// What a host's failures become in the log.
namespace waybill::collect {
namespace {

using exporters::Deadline;
using exporters::Delivery;
using exporters::QueuedExporter;

// Where log records go: the spans of which there is one, and others.
struct Received {
  std::mutex mutex;
  std::uint64_t records = 0;
  std::uint64_t other_spans = 0;
};

class LogReceiver final : public exporters::Destination {
 public:
  explicit LogReceiver(Received& received) : received_{received} {}

  const std::string& name() const override { return name_; }
  Delivery deliver(exporters::Batches batches, Deadline) override {
    const std::scoped_lock lock{received_.mutex};
    for (const auto& batch : batches) {
      for (const telemetry::Span& span : batch->spans)
        ++(log_record_of(span) ? received_.records : received_.other_spans);
    }
    return {};
  }
  void stop() override {}

 private:
  Received& received_;
  std::string name_ = "a receiver of logs";
};

// A receiver that is away until it is stopped.
class Away final : public exporters::Destination {
 public:
  const std::string& name() const override { return name_; }
  Delivery deliver(exporters::Batches, Deadline) override {
    return {Delivery::Outcome::kUnreachable, 0, "nobody is there", 0};
  }
  void stop() override {}

 private:
  std::string name_ = "away";
};

class HostLogsTest : public testing::HostTest {
 protected:
  // Their threads use what the test holds.
  ~HostLogsTest() override { log_pool_.shutdown(std::chrono::steady_clock::now()); }

  ExporterSet make_log_exporters(const configure::Settings& settings) override {
    ExporterSet set;
    std::unique_ptr<exporters::Destination> destination = std::make_unique<Away>();
    if (!is_away_) destination = std::make_unique<LogReceiver>(received_);
    set.push_back(std::make_unique<QueuedExporter>(std::move(destination), settings.logs.batch, log_,
                                                   QueuedExporter::kLogRecords));
    return set;
  }
  void send(std::uint64_t number, std::uint32_t error) {
    ASSERT_TRUE(start(number));
    ASSERT_TRUE(end(number, number + 1, error));
  }
  void rounds() {
    host_->round();
    host_->round();
  }
  bool flush_logs() { return log_pool_.flush(std::chrono::steady_clock::now() + std::chrono::seconds{20}); }

  bool is_away_ = false;
  Received received_;
};

TEST_F(HostLogsTest, EachFailureIsOneLogRecord) {
  for (std::uint64_t number = 1; number <= 30; ++number) send(number, number % 3 == 0 ? 7 : 0);
  rounds();
  EXPECT_TRUE(flush_logs());
  EXPECT_EQ(received_.records, 10U);
  EXPECT_EQ(received_.other_spans, 0U);
  const exporters::ExporterStatistics statistics = log_pool_.statistics();
  EXPECT_EQ(statistics.submitted, 10U);
  EXPECT_EQ(statistics.exported, 10U);
  expect_balance(host_->books());
}

TEST_F(HostLogsTest, WhatHasNotEndedWhenTheHostIsGoneIsOneToo) {
  ASSERT_TRUE(start(1));
  writer_.reset();
  while (!host_->end_round()) {
  }
  EXPECT_TRUE(flush_logs());
  EXPECT_EQ(received_.records, 1U);
}

TEST_F(HostLogsTest, NoRecordOfTheHostIsKeptForALogThatIsNotSent) {
  for (std::uint64_t number = 1; number <= 5; ++number) send(number, 7);
  rounds();
  EXPECT_TRUE(host_->nothing_away());
  EXPECT_EQ(log_pool_.statistics().submitted, 5U);
}

class AwayLogsTest : public HostLogsTest {
 protected:
  AwayLogsTest() {
    is_away_ = true;
    environment_ += std::string{'\0'} + "OTEL_BLRP_MAX_QUEUE_SIZE=4" + '\0' + "OTEL_BLRP_SCHEDULE_DELAY=0";
  }
};

TEST_F(AwayLogsTest, LogRecordsAreDroppedAndCountedAndSpansGoOn) {
  for (std::uint64_t number = 1; number <= 20; ++number) {
    send(number, 7);
    rounds();
  }
  EXPECT_TRUE(flush_logs());
  const exporters::ExporterStatistics statistics = log_pool_.statistics();
  EXPECT_EQ(statistics.submitted, 20U);
  EXPECT_EQ(statistics.dropped(), 20U);
  EXPECT_EQ(host_->books().handed_on, 20U);
  EXPECT_TRUE(host_->nothing_away());
}

class LogsToNobodyTest : public HostLogsTest {
 protected:
  LogsToNobodyTest() {
    // So many destinations that there is none for one more.
    for (int port = 1; port <= 64; ++port) {
      configure::Settings settings;
      settings.logs.otlp.endpoint = "http://other:" + std::to_string(port);
      kept_.push_back(log_pool_.for_settings(settings, owner_));
    }
  }
  std::vector<std::shared_ptr<ExporterSet>> kept_;
};

TEST_F(LogsToNobodyTest, WhatHasNoDestinationIsCounted) {
  send(1, 7);
  send(2, 0);
  rounds();
  EXPECT_EQ(host_->books().log_records_no_destination, 1U);
}

}  // namespace
}  // namespace waybill::collect
