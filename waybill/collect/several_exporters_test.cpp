#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "waybill/collect/testing/host_fixture.h"
#include "waybill/exporters/queued_exporter.h"

// One receiver that hangs, and one that takes everything.
namespace waybill::collect {
namespace {

using exporters::Deadline;
using exporters::Delivery;
using exporters::QueuedExporter;

class Hanging final : public exporters::Destination {
 public:
  const std::string& name() const override { return name_; }
  Delivery deliver(exporters::Batches, Deadline) override {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return stopped_; });
    return {Delivery::Outcome::kStopped, 0, "", 0};
  }
  void stop() override {
    const std::scoped_lock lock{mutex_};
    stopped_ = true;
    changed_.notify_all();
  }

 private:
  std::string name_ = "hanging";
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
};

class TakingAll final : public exporters::Destination {
 public:
  const std::string& name() const override { return name_; }
  Delivery deliver(exporters::Batches, Deadline) override { return {}; }
  void stop() override {}

 private:
  std::string name_ = "taking all";
};

class SeveralExportersTest : public testing::HostTest {
 protected:
  SeveralExportersTest() : HostTest{4 * segment::kMinSegmentSize} {}

  ExporterSet make_exporters(const configure::Settings& settings) override {
    ExporterSet set;
    set.push_back(std::make_unique<QueuedExporter>(std::make_unique<Hanging>(), settings.batch, log_));
    set.push_back(std::make_unique<QueuedExporter>(std::make_unique<TakingAll>(), settings.batch, log_));
    hanging_ = set[0].get();
    taking_ = set[1].get();
    return set;
  }

  void send(std::uint64_t number) {
    while (!start(number)) round();
    while (!end(number, number + 1)) round();
  }
  void round() {
    host_->round();
    std::this_thread::yield();
  }

  exporters::SpanExporter* hanging_ = nullptr;
  exporters::SpanExporter* taking_ = nullptr;
};

class SmallQueuesTest : public SeveralExportersTest {
 protected:
  SmallQueuesTest() {
    defaults_.set("OTEL_BSP_MAX_QUEUE_SIZE=1000");
    defaults_.set("OTEL_BSP_MAX_EXPORT_BATCH_SIZE=100");
  }
};

constexpr std::uint64_t kSends = 100'000;  // more than the segment, the spool and the small queues hold

TEST_F(SeveralExportersTest, OneThatHangsDoesNotKeepTheSpoolFromTheOther) {
  for (std::uint64_t number = 1; number <= kSends; ++number) send(number);
  while (taking_->statistics().exported + taking_->statistics().dropped() != kSends) round();
  const exporters::ExporterStatistics hanging = hanging_->statistics();
  EXPECT_EQ(hanging.submitted, kSends);
  EXPECT_GT(hanging.dropped_queue_full, 0U);
  EXPECT_EQ(hanging.dropped_queue_full + hanging.pending, kSends);
  EXPECT_EQ(taking_->statistics().dropped(), 0U);
  const HostBooks books = host_->books();
  EXPECT_EQ(books.handed_on, kSends);
  expect_balance(books);
}

TEST_F(SmallQueuesTest, WhatDoesNotFitIsDroppedAtTheOneThatHangsOnly) {
  for (std::uint64_t number = 1; number <= 5'000; ++number) {
    send(number);
    while (number % 500 == 0 && taking_->statistics().exported != number) round();
  }
  EXPECT_EQ(taking_->statistics().dropped(), 0U);
  EXPECT_GT(hanging_->statistics().dropped_queue_full, 0U);
  EXPECT_LE(hanging_->statistics().pending, 1'200U);
}

class PatientExportersTest : public SeveralExportersTest {
 protected:
  PatientExportersTest() { defaults_.set("OTEL_BSP_SCHEDULE_DELAY=3600000"); }
};

TEST_F(PatientExportersTest, TheEndOfOneThatHangsTakesNoTimeFromTheOther) {
  for (std::uint64_t number = 1; number <= 10; ++number) send(number);
  while (taking_->statistics().submitted != 10) round();
  pool_.shutdown(std::chrono::steady_clock::now() + std::chrono::milliseconds{500});
  EXPECT_EQ(taking_->statistics().exported, 10U);
  EXPECT_EQ(hanging_->statistics().exported, 0U);
}

}  // namespace
}  // namespace waybill::collect
