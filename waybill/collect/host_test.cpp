#include "waybill/collect/host.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "waybill/collect/testing/host_fixture.h"

namespace waybill::collect {
namespace {

using testing::HostTest;

constexpr std::uint64_t kManySends = 1'000'000;

TEST_F(HostTest, GivesUpTheOlderSendsWhenTheirStartsKeepTheWholeSpool) {
  constexpr std::uint64_t kSends = 3 * kSpoolSize / sizeof(segment::SendStarted);
  for (std::uint64_t number = 1; number <= kSends; ++number) {
    for (int turn = 0; !start(number); ++turn) {
      ASSERT_LT(turn, 100) << "nothing is read any more, after " << number;
      host_->round();
    }
  }
  expect_balance(host_->books());
  // The latest are still known.
  for (std::uint64_t number = kSends - 99; number <= kSends; ++number) {
    for (int turn = 0; !end(number, 2 * kSends + number); ++turn) {
      ASSERT_LT(turn, 100);
      host_->round();
    }
  }
  for (int turn = 0; turn < 10; ++turn) host_->round();
  const HostBooks books = host_->books();
  EXPECT_EQ(books.handed_on, 100U);
  EXPECT_EQ(books.started, kSends);
  EXPECT_GT(books.dropped_spool_full, 0U);
  EXPECT_EQ(books.dropped_lost_end, 0U);
  expect_balance(books);
}

// Takes few spans at a time, and keeps them until it is told to let go.
class SlowExporter final : public exporters::SpanExporter {
 public:
  bool submit(std::shared_ptr<const telemetry::SpanBatch> batch) override {
    held_ += batch->spans.size();
    batches_.push_back(std::move(batch));
    return true;
  }
  std::size_t room() const override { return kMost - std::min(kMost, held_); }
  bool flush(std::chrono::steady_clock::time_point) override { return true; }
  void shutdown(std::chrono::steady_clock::time_point) override {}
  exporters::ExporterStatistics statistics() const override { return {}; }
  void let_go() {
    batches_.clear();
    held_ = 0;
  }

 private:
  static constexpr std::size_t kMost = 500;
  std::size_t held_ = 0;
  std::vector<std::shared_ptr<const telemetry::SpanBatch>> batches_;
};

class HostWithASlowReceiverTest : public HostTest {
 protected:
  HostWithASlowReceiverTest() : HostTest{4 * segment::kMinSegmentSize} {
    environment_ = "OTEL_TRACES_EXPORTER=otlp";
  }
  ExporterSet make_exporters(const configure::Settings&) override {
    ExporterSet set;
    set.push_back(std::make_unique<SlowExporter>());
    exporter_ = static_cast<SlowExporter*>(set[0].get());
    return set;
  }
  SlowExporter* exporter_ = nullptr;
};

TEST_F(HostWithASlowReceiverTest, KeepsWhatHasItsEndInAFullSpoolUntilTheReceiverTakesIt) {
  std::uint64_t sent = 0;
  int full = 0;
  while (full < 50) {  // rounds in which the segment was full as well
    full = 0;
    while (full < 50 && !start(sent + 1)) {
      host_->round();
      ++full;
    }
    if (full == 50) break;
    ++sent;
    for (int turn = 0; turn < 50 && !end(sent, kManySends + sent); ++turn) host_->round();
  }
  EXPECT_EQ(host_->books().dropped_spool_full, 0U);
  for (std::uint64_t turn = 0; turn < kManySends && host_->books().handed_on < sent - 1; ++turn) {
    exporter_->let_go();
    host_->round();
  }
  const HostBooks books = host_->books();
  EXPECT_GE(books.handed_on, sent - 1);  // the last one's end may have found no room
  EXPECT_EQ(books.dropped_spool_full, 0U);
  expect_balance(books);
  exporter_->let_go();
}

TEST_F(HostWithASlowReceiverTest, LetsADeadHostGoThatHasNothingToTellThoughNothingIsTaken) {
  const auto of_another = std::make_shared<telemetry::SpanBatch>();
  of_another->spans.resize(1'000);
  exporter_->submit(of_another);
  ASSERT_EQ(exporter_->room(), 0U);
  EXPECT_TRUE(host_->end_round());
  ASSERT_TRUE(start(1));
  for (int turn = 0; turn < 10; ++turn) EXPECT_FALSE(host_->end_round());
  exporter_->let_go();
  for (int turn = 0; turn < 10 && !host_->end_round(); ++turn) {
  }
  EXPECT_EQ(host_->books().handed_on, 1U);
  exporter_->let_go();
}

// Is done with everything at once, and tells how much it was given at most after it had told its room.
class QuickExporter final : public exporters::SpanExporter {
 public:
  static constexpr std::size_t kRoom = 500;

  bool submit(std::shared_ptr<const telemetry::SpanBatch> batch) override {
    given_ += batch->spans.size();
    most_given_ = std::max(most_given_, given_);
    return true;
  }
  std::size_t room() const override {
    given_ = 0;
    return kRoom;
  }
  bool flush(std::chrono::steady_clock::time_point) override { return true; }
  void shutdown(std::chrono::steady_clock::time_point) override {}
  exporters::ExporterStatistics statistics() const override { return {}; }
  std::size_t most_given() const { return most_given_; }

 private:
  mutable std::size_t given_ = 0;
  std::size_t most_given_ = 0;
};

class HostWithAQuickReceiverTest : public HostTest {
 protected:
  HostWithAQuickReceiverTest() : HostTest{4 * segment::kMinSegmentSize} {
    environment_ = "OTEL_TRACES_EXPORTER=otlp";
  }
  ExporterSet make_exporters(const configure::Settings&) override {
    ExporterSet set;
    set.push_back(std::make_unique<QuickExporter>());
    exporter_ = static_cast<QuickExporter*>(set[0].get());
    return set;
  }
  QuickExporter* exporter_ = nullptr;
};

TEST_F(HostWithAQuickReceiverTest, HandsOnTheFullSpoolOfADeadHostAsFastAsItIsTaken) {
  std::uint64_t sent = 0;
  while (!host_->has_more() || host_->round() != 0) {  // until the spool takes no more
    while (start(sent + 1)) {
      ++sent;
      if (!end(sent, kManySends + sent)) break;
    }
  }
  for (std::uint64_t turn = 0; turn < kManySends && !host_->end_round(); ++turn) {
  }
  const HostBooks books = host_->books();
  EXPECT_EQ(books.handed_on, sent);
  EXPECT_EQ(books.in_flight, 0U);
  EXPECT_LE(exporter_->most_given(), 2 * QuickExporter::kRoom);
}

TEST_F(HostWithAQuickReceiverTest, HandsOnWhatADeadHostHadInFlightAsFastAsItIsTaken) {
  constexpr std::uint64_t kSends = 10 * QuickExporter::kRoom;
  for (std::uint64_t number = 1; number <= kSends; ++number) {
    while (!start(number)) host_->round();
  }
  for (std::uint64_t turn = 0; turn < kManySends && !host_->end_round(); ++turn) {
  }
  const HostBooks books = host_->books();
  EXPECT_EQ(books.handed_on, kSends);
  EXPECT_EQ(books.in_flight, 0U);
  EXPECT_LE(exporter_->most_given(), 2 * QuickExporter::kRoom);
}

class HostOfAnotherUserTest : public HostTest {
 protected:
  HostOfAnotherUserTest() {
    owner_ = geteuid() + 1;
    environment_ = "WAYBILL_OTLP_FILE=/etc/cron.d/spans";
    defaults_.set("OTEL_TRACES_EXPORTER=otlp_file");
    defaults_.set("WAYBILL_OTLP_FILE=/var/log/spans");
  }
  ExporterSet make_exporters(const configure::Settings& settings) override {
    file_ = settings.otlp_file;
    return {};
  }
  std::string file_;
};

TEST_F(HostOfAnotherUserTest, CannotChooseAFileThatTheCollectingProcessWrites) {
  EXPECT_EQ(file_, "/var/log/spans");
}

}  // namespace
}  // namespace waybill::collect
