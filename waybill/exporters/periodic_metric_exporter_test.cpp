#include "waybill/exporters/periodic_metric_exporter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "waybill/exporters/delta_destination.h"
#include "waybill/exporters/testing/sample_metrics.h"

namespace waybill::exporters {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kSent;
using testing::SnapshotBuilder;
using ::testing::UnorderedElementsAre;
using Clock = std::chrono::steady_clock;
using Outcome = Delivery::Outcome;
using namespace std::chrono_literals;

// A receiver with scripted answers; it takes everything when there are none left. What it took is its own
// copy of the numbers, as "source metric-value".
class Receiver final : public MetricDestination {
 public:
  const std::string& name() const override { return name_; }
  Delivery deliver(const MetricSnapshots& snapshots, Clock::time_point) override {
    std::unique_lock lock{mutex_};
    ++requests_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !hangs_ || stopped_; });
    if (stopped_ && hangs_) return {Outcome::kStopped, 0, "stopped", 0};
    Delivery delivery;
    if (!answers_.empty()) {
      delivery = answers_.front();
      answers_.pop_front();
    }
    if (delivery.outcome != Outcome::kTaken) return delivery;
    for (const auto& snapshot : snapshots) {
      for (const auto& metric : snapshot->metrics) {
        for (const auto& point : metric.points)
          taken_.push_back(snapshot->source + " " + std::to_string(point.integer));
      }
    }
    return delivery;
  }
  void stop() override {
    const std::scoped_lock lock{mutex_};
    stopped_ = true;
    changed_.notify_all();
  }

  void answer(std::initializer_list<Delivery> answers) {
    const std::scoped_lock lock{mutex_};
    answers_.insert(answers_.end(), answers);
  }
  void hang(bool hangs) {
    const std::scoped_lock lock{mutex_};
    hangs_ = hangs;
    changed_.notify_all();
  }
  void wait_for_requests(int count) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return requests_ >= count; });
  }
  std::vector<std::string> taken() {
    const std::scoped_lock lock{mutex_};
    return taken_;
  }

 private:
  std::string name_ = "receiver";
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Delivery> answers_;
  std::vector<std::string> taken_;
  bool hangs_ = false;
  bool stopped_ = false;
  int requests_ = 0;
};

class PeriodicMetricExporterTest : public ::testing::Test {
 protected:
  PeriodicMetricExporterTest() {
    auto receiver = std::make_unique<Receiver>();
    receiver_ = receiver.get();
    exporter_.emplace(std::move(receiver), PeriodicMetricExporter::Timing{1min, 10s}, log_);
  }

  static MetricSnapshots sent(const std::string& source, std::int64_t count, bool last = false) {
    SnapshotBuilder builder{source};
    builder.count(kSent, "orders", count);
    if (last) builder.last();
    return {builder.build()};
  }
  bool flush() { return exporter_->flush(Clock::now() + 60s); }
  void expect_books(std::uint64_t submitted, std::uint64_t exported, std::uint64_t dropped) {
    const MetricExporterStatistics books = exporter_->statistics();
    EXPECT_EQ(books.submitted, submitted);
    EXPECT_EQ(books.exported, exported);
    EXPECT_EQ(books.dropped, dropped);
    EXPECT_EQ(books.pending, submitted - exported - dropped);
  }

  Receiver* receiver_ = nullptr;
  std::vector<std::string> said_;
  Log log_{[] { return Clock::now(); }, [this](const std::string& line) { said_.push_back(line); }};
  std::optional<PeriodicMetricExporter> exporter_;
};

const Delivery kAway{Outcome::kUnreachable, 0, "nobody is there", 2};
const Delivery kRefused{Outcome::kRejected, 0, "it answered 400", 0};

TEST_F(PeriodicMetricExporterTest, WantsSnapshotsOnceInEachInterval) {
  const Clock::time_point start{};
  EXPECT_FALSE(exporter_->wants_snapshots(start));
  EXPECT_FALSE(exporter_->wants_snapshots(start + 59s));
  EXPECT_TRUE(exporter_->wants_snapshots(start + 60s));
  EXPECT_TRUE(exporter_->wants_snapshots(start + 61s));  // until they come
  exporter_->submit(sent("a", 1));
  EXPECT_FALSE(exporter_->wants_snapshots(start + 62s));
  EXPECT_TRUE(exporter_->wants_snapshots(start + 120s));
  exporter_->submit(sent("a", 2));
  EXPECT_TRUE(exporter_->wants_snapshots(start + 1000s));
  exporter_->submit(sent("a", 3));
  EXPECT_FALSE(exporter_->wants_snapshots(start + 1001s));  // the missed ones are not made up for
}

TEST_F(PeriodicMetricExporterTest, SendsWhatIsSubmittedAndKeepsTheBooks) {
  exporter_->submit(sent("a", 5));
  EXPECT_TRUE(flush());
  EXPECT_THAT(receiver_->taken(), ElementsAre("a 5"));
  expect_books(1, 1, 0);
}

TEST_F(PeriodicMetricExporterTest, ReplacesWhatWaitsByWhatIsNewer) {
  receiver_->hang(true);
  exporter_->submit(sent("a", 1));
  receiver_->wait_for_requests(1);
  exporter_->submit(sent("a", 2));
  exporter_->submit(sent("a", 3));
  receiver_->hang(false);
  EXPECT_TRUE(flush());
  EXPECT_THAT(receiver_->taken(), ElementsAre("a 1", "a 3"));
  expect_books(3, 2, 1);
}

TEST_F(PeriodicMetricExporterTest, NeverReplacesTheLastNumbersOfAHost) {
  receiver_->hang(true);
  exporter_->submit(sent("a", 1));
  receiver_->wait_for_requests(1);
  exporter_->submit(sent("b", 2, true));
  exporter_->submit(sent("a", 3));
  exporter_->submit(sent("c", 4, true));
  receiver_->hang(false);
  EXPECT_TRUE(flush());
  EXPECT_THAT(receiver_->taken(), UnorderedElementsAre("a 1", "b 2", "a 3", "c 4"));
  expect_books(4, 4, 0);
}

TEST_F(PeriodicMetricExporterTest, DropsWhatFailsBecauseTheNextHoldsIt) {
  receiver_->answer({kAway});
  exporter_->submit(sent("a", 1));
  EXPECT_TRUE(flush());
  expect_books(1, 0, 1);
  EXPECT_EQ(exporter_->statistics().retries, 2U);
}

TEST_F(PeriodicMetricExporterTest, TriesTheLastNumbersOfAHostAgain) {
  receiver_->answer({kAway, kAway});
  exporter_->submit(sent("a", 1, true));
  EXPECT_FALSE(flush());
  expect_books(1, 0, 0);
  while (!flush()) {
  }
  EXPECT_THAT(receiver_->taken(), ElementsAre("a 1"));
  expect_books(1, 1, 0);
}

TEST_F(PeriodicMetricExporterTest, GivesTheLastNumbersUpWhenTheyAreRefused) {
  receiver_->answer({kRefused});
  exporter_->submit(sent("a", 1, true));
  EXPECT_TRUE(flush());
  expect_books(1, 0, 1);
}

TEST_F(PeriodicMetricExporterTest, HoldsTheLastNumbersOfSoManyHostsAndNoMore) {
  receiver_->hang(true);
  exporter_->submit(sent("a", 1));
  receiver_->wait_for_requests(1);
  for (std::size_t host = 0; host <= PeriodicMetricExporter::kMostEnded; ++host)
    exporter_->submit(sent("ended " + std::to_string(host), 1, true));
  expect_books(PeriodicMetricExporter::kMostEnded + 2, 0, 1);
  receiver_->hang(false);
  EXPECT_TRUE(flush());
  expect_books(PeriodicMetricExporter::kMostEnded + 2, PeriodicMetricExporter::kMostEnded + 1, 1);
}

TEST_F(PeriodicMetricExporterTest, CountsWhatAReceiverTakesInPart) {
  receiver_->answer({{Outcome::kTaken, 1, "too old", 0}});
  SnapshotBuilder builder{"a"};
  exporter_->submit({builder.count(kSent, "x", 1).count(kSent, "y", 2).build()});
  EXPECT_TRUE(flush());
  expect_books(2, 1, 1);
  EXPECT_THAT(said_, ElementsAre(HasSubstr("receiver did not take 1 points of metrics: too old")));
}

TEST_F(PeriodicMetricExporterTest, SaysOnceWhenTheReceiverIsAwayAndWhenItIsBack) {
  receiver_->answer({kAway, kAway});
  for (int round = 0; round < 4; ++round) {
    exporter_->submit(sent("a", round));
    EXPECT_TRUE(flush());
  }
  EXPECT_THAT(said_, ElementsAre(HasSubstr("no metrics get to receiver: nobody is there"),
                                 HasSubstr("receiver takes metrics again")));
}

TEST_F(PeriodicMetricExporterTest, EndsAtItsDeadlineWhenTheReceiverHangs) {
  receiver_->hang(true);
  exporter_->submit(sent("a", 1, true));
  receiver_->wait_for_requests(1);
  exporter_->shutdown(Clock::now());
  expect_books(1, 0, 1);
}

TEST_F(PeriodicMetricExporterTest, SendsWhatWaitsBeforeItEnds) {
  exporter_->submit(sent("a", 7));
  exporter_->shutdown(Clock::now() + 60s);
  EXPECT_THAT(receiver_->taken(), ElementsAre("a 7"));
}

TEST_F(PeriodicMetricExporterTest, SendsDifferencesThatAddUpWhenSomeAreLost) {
  auto owned = std::make_unique<Receiver>();
  Receiver& receiver = *owned;
  PeriodicMetricExporter exporter{
      std::make_unique<DeltaDestination>(std::move(owned), configure::TemporalityPreference::kDelta),
      {1min, 10s},
      log_};
  receiver.answer({{}, kAway, {}, kAway});
  for (const std::int64_t count : {10, 12, 15}) {
    exporter.submit(sent("a", count));
    exporter.flush(Clock::now() + 60s);
  }
  exporter.submit(sent("a", 20, true));
  while (!exporter.flush(Clock::now() + 60s)) {
  }
  EXPECT_THAT(receiver.taken(), ElementsAre("a 10", "a 5", "a 5"));
  EXPECT_THAT(exporter.memory_of("a"), IsEmpty());
}

}  // namespace
}  // namespace waybill::exporters
