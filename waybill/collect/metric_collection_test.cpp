#include "waybill/collect/metric_collection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "waybill/base/clock.h"
#include "waybill/base/shared_word.h"
#include "waybill/collect/testing/host_fixture.h"

namespace waybill::collect {
namespace {

// Keeps what it is given, and remembers how many snapshots of a source it has seen.
class KeepingExporter final : public exporters::MetricExporter {
 public:
  bool wants_snapshots(std::chrono::steady_clock::time_point) override { return wants; }
  void submit(exporters::MetricSnapshots snapshots) override {
    for (const auto& snapshot : snapshots) memories[snapshot->source] += "+";
    submitted.push_back(std::move(snapshots));
  }
  bool flush(std::chrono::steady_clock::time_point) override { return true; }
  void shutdown(std::chrono::steady_clock::time_point) override { ended = true; }
  exporters::MetricExporterStatistics statistics() const override {
    exporters::MetricExporterStatistics statistics;
    statistics.exported = submitted.size();
    return statistics;
  }
  std::string memory_of(const std::string& source) const override {
    const auto at = memories.find(source);
    return at == memories.end() ? std::string{} : at->second;
  }
  void recall(const std::string& source, std::string_view memory) override { memories[source] = memory; }

  bool wants = false;
  bool ended = false;
  std::vector<exporters::MetricSnapshots> submitted;
  std::map<std::string, std::string> memories;
};

constexpr const char* kName = "name.segment";

class MetricCollectionTest : public testing::HostTest {
 protected:
  void SetUp() override {
    metric_pool_ = std::make_unique<MetricPool>(log_, [this](const configure::Settings&, Log&) {
      MetricExporterSet set;
      set.push_back(std::make_unique<KeepingExporter>());
      exporter_ = static_cast<KeepingExporter*>(set.back().get());
      return set;
    });
    testing::HostTest::SetUp();
    runtime_path_ = path_ + "-runtime";
    directory_.emplace(std::move(*RuntimeDirectory::open(runtime_path_)));
    collection_.emplace(*metric_pool_, *directory_, own_settings_, own_, log_);
    hosts_.push_back(std::move(host_));
  }
  void TearDown() override {
    std::filesystem::remove_all(runtime_path_);
    testing::HostTest::TearDown();
  }

  void count_sent(std::uint64_t amount) {
    std::uint32_t hint = 0;
    segment::MetricCell* cell = writer_->cells().find({segment::CellKind::kSend, 0, 0, 0, 0}, hint);
    ASSERT_NE(cell, nullptr);
    base::shared(cell->count).fetch_add(amount);
  }
  static std::int64_t sent(const telemetry::MetricSnapshot& snapshot) {
    for (const telemetry::Metric& metric : snapshot.metrics) {
      if (metric.description->name == "messaging.client.sent.messages") return metric.points.at(0).integer;
    }
    return -1;
  }

  static configure::Settings nowhere() {
    configure::Settings settings;
    settings.metrics.exporters = {};
    settings.otlp_file = "none of the host's";
    return settings;
  }

  std::string runtime_path_;
  configure::Settings own_settings_ = nowhere();
  MetricCollection::OwnSnapshot own_ = [](bool last, std::span<const lag::LagPoint>) {
    auto own = std::make_shared<telemetry::MetricSnapshot>();
    own->source = "own";
    own->last = last;
    return own;
  };
  std::optional<RuntimeDirectory> directory_;
  std::optional<MetricCollection> collection_;
  MetricCollection::Hosts hosts_;
  KeepingExporter* exporter_ = nullptr;  // the pool's
};

TEST_F(MetricCollectionTest, GivesSnapshotsWhenAnExporterWantsThemAndOnlyThen) {
  count_sent(3);
  collection_->round(hosts_);
  EXPECT_TRUE(exporter_->submitted.empty());
  exporter_->wants = true;
  collection_->round(hosts_);
  count_sent(4);
  collection_->round(hosts_);
  ASSERT_EQ(exporter_->submitted.size(), 2U);
  ASSERT_EQ(exporter_->submitted[0].size(), 1U);
  EXPECT_EQ(sent(*exporter_->submitted[0][0]), 3);
  EXPECT_EQ(sent(*exporter_->submitted[1][0]), 7);
  EXPECT_FALSE(exporter_->submitted[1][0]->last);
}

// A consumer of "billing" that got four messages of "orders", and knows of ten. Nobody is asked.
void read_four_of_ten(segment::Writer& writer) {
  const std::string profile = testing::consumer_profile("billing", "127.0.0.1:1", "ssl");
  const std::uint32_t client = writer.define(segment::DefinitionKind::kClient, profile);
  const std::uint32_t topic = writer.define(segment::DefinitionKind::kTopic, "orders");
  segment::PartitionCell* cell = writer.cells().find_partition(1, topic, 3, client);
  ASSERT_NE(cell, nullptr);
  base::shared(cell->position).store(4);
  base::shared(cell->log_end).store(10);
  base::shared(cell->position_ns).store(base::monotonic_ns());
  base::shared(cell->log_end_ns).store(base::monotonic_ns());
}

std::optional<std::int64_t> lag_in(const telemetry::MetricSnapshot& snapshot) {
  for (const telemetry::Metric& metric : snapshot.metrics) {
    if (metric.description->name == "kafka.consumer.lag") return metric.points.at(0).integer;
  }
  return std::nullopt;
}

TEST_F(MetricCollectionTest, TellsHowFarAConsumerIsBehindForAsLongAsItLives) {
  exporter_->wants = true;
  collection_->round(hosts_);
  read_four_of_ten(*writer_);
  while (!lag_in(*exporter_->submitted.back().at(0))) collection_->round(hosts_);
  EXPECT_EQ(lag_in(*exporter_->submitted.back().at(0)), 6);
  collection_->end(*hosts_.front());
  EXPECT_EQ(lag_in(*exporter_->submitted.back().at(0)), std::nullopt);
  EXPECT_TRUE(collection_->has_stopped_asking()) << "nobody may be asked";
}

TEST_F(MetricCollectionTest, TellsTheFinalNumbersOfAHostThatEnds) {
  count_sent(5);
  collection_->end(*hosts_.front());
  ASSERT_EQ(exporter_->submitted.size(), 1U);
  EXPECT_EQ(sent(*exporter_->submitted[0][0]), 5);
  EXPECT_TRUE(exporter_->submitted[0][0]->last);
}

TEST_F(MetricCollectionTest, TellsEverythingOnceMoreAtTheEndAndNothingAfterIt) {
  count_sent(6);
  collection_->finish(hosts_, std::chrono::steady_clock::now());
  ASSERT_EQ(exporter_->submitted.size(), 1U);
  EXPECT_EQ(sent(*exporter_->submitted[0][0]), 6);
  EXPECT_TRUE(exporter_->ended);
  collection_->end(*hosts_.front());
  EXPECT_EQ(exporter_->submitted.size(), 1U);
}

TEST_F(MetricCollectionTest, TheNextProcessLearnsWhatWasToldBefore) {
  exporter_->wants = true;
  collection_->begin(*hosts_.front());
  EXPECT_TRUE(exporter_->memories.empty());
  collection_->round(hosts_);
  collection_->finish(hosts_, std::chrono::steady_clock::now());
  EXPECT_EQ(exporter_->memories[kName], "++");

  exporter_->memories.clear();
  MetricCollection next{*metric_pool_, *directory_, own_settings_, own_, log_};
  next.begin(*hosts_.front());
  EXPECT_EQ(exporter_->memories[kName], "++");
}

TEST_F(MetricCollectionTest, WhatTheProcessSaysAboutItselfGoesWhereItsOwnSettingsSay) {
  configure::Settings same = nowhere();
  same.otlp_file = {};
  same.metrics = configure::Settings{}.metrics;  // as the host's
  MetricCollection collection{*metric_pool_, *directory_, same, own_, log_};
  exporter_->wants = true;
  collection.round(hosts_);
  ASSERT_EQ(exporter_->submitted.size(), 1U);
  ASSERT_EQ(exporter_->submitted[0].size(), 2U);
  EXPECT_EQ(exporter_->submitted[0][1]->source, "own");
}

TEST_F(MetricCollectionTest, AFileThatIsNoMemoryIsNotBelieved) {
  ASSERT_TRUE(directory_->write_metric_memory(kName, "\xff\xff\xff\xff????"));
  collection_->begin(*hosts_.front());
  EXPECT_EQ(exporter_->memories[kName], "????");  // recall() judges its content
  ASSERT_TRUE(directory_->write_metric_memory(kName, "\x01"));
  exporter_->memories.clear();
  collection_->begin(*hosts_.front());
  EXPECT_TRUE(exporter_->memories.empty());
}

}  // namespace
}  // namespace waybill::collect
