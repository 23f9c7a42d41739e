#include "waybill/exporters/delta_converter.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "waybill/exporters/series_key.h"
#include "waybill/exporters/testing/sample_metrics.h"

namespace waybill::exporters {
namespace {

using configure::TemporalityPreference;
using telemetry::MetricPoint;
using testing::kBytes;
using testing::kDuration;
using testing::kInFlight;
using testing::kSent;
using testing::SnapshotBuilder;

constexpr std::uint64_t kMinute = 60'000'000'000;

std::uint64_t minute(std::uint64_t number) { return SnapshotBuilder::kStart + number * kMinute; }

SnapshotBuilder at(std::uint64_t number, const std::string& source = "host-1") {
  return SnapshotBuilder{source, "shop", minute(number)};
}

// The points of all snapshots, by their metric and topic.
std::map<std::string, MetricPoint> points_of(const MetricSnapshots& snapshots) {
  std::map<std::string, MetricPoint> points;
  for (const auto& snapshot : snapshots) {
    for (const auto& metric : snapshot->metrics) {
      for (const MetricPoint& point : metric.points) {
        const auto topic = std::get<std::string_view>(point.attributes[0].value);
        points[std::string{metric.description->name} + " " + std::string{topic}] = point;
      }
    }
  }
  return points;
}

class DeltaConverterTest : public ::testing::Test {
 protected:
  // What is sent when it arrives.
  MetricSnapshots delivered(const MetricSnapshots& snapshots) { return delivered(snapshots, converter_); }
  MetricSnapshots delivered(const MetricSnapshots& snapshots, DeltaConverter& converter) {
    MetricSnapshots changes = converter.since_last(snapshots).snapshots;
    converter.arrived(snapshots);
    kept_.insert(kept_.end(), {snapshots, changes});
    return changes;
  }

  DeltaConverter converter_{TemporalityPreference::kDelta};
  std::vector<MetricSnapshots> kept_;  // what points refer to
};

TEST_F(DeltaConverterTest, SendsEverythingFirstAndThenWhatCameSince) {
  auto first = points_of(delivered({at(1).count(kSent, "orders", 10).build()}));
  EXPECT_EQ(first["messaging.client.sent.messages orders"].integer, 10);
  EXPECT_EQ(first["messaging.client.sent.messages orders"].start_unix_ns, minute(0));
  auto second = points_of(delivered({at(2).count(kSent, "orders", 17).build()}));
  EXPECT_EQ(second["messaging.client.sent.messages orders"].integer, 7);
  EXPECT_EQ(second["messaging.client.sent.messages orders"].start_unix_ns, minute(1));
  EXPECT_EQ(second["messaging.client.sent.messages orders"].time_unix_ns, minute(2));
}

TEST_F(DeltaConverterTest, LeavesOutWhatHasNotChangedAndLosesNoTimeByIt) {
  delivered({at(1).count(kSent, "orders", 10).build()});
  EXPECT_TRUE(delivered({at(2).count(kSent, "orders", 10).build()}).empty());
  auto third = points_of(delivered({at(3).count(kSent, "orders", 11).build()}));
  EXPECT_EQ(third["messaging.client.sent.messages orders"].integer, 1);
  EXPECT_EQ(third["messaging.client.sent.messages orders"].start_unix_ns, minute(2));
}

TEST_F(DeltaConverterTest, SendsWhatDidNotArriveWithTheNext) {
  delivered({at(1).count(kSent, "orders", 10).build()});
  const MetricSnapshots lost{at(2).count(kSent, "orders", 12).build()};
  EXPECT_EQ(points_of(converter_.since_last(lost).snapshots)["messaging.client.sent.messages orders"].integer,
            2);
  auto next = points_of(delivered({at(3).count(kSent, "orders", 15).build()}));
  EXPECT_EQ(next["messaging.client.sent.messages orders"].integer, 5);
  EXPECT_EQ(next["messaging.client.sent.messages orders"].start_unix_ns, minute(1));
}

TEST_F(DeltaConverterTest, SubtractsHistogramsBucketByBucketAndKeepsNewExemplars) {
  delivered({at(1).histogram(kDuration, "orders", {1, 2, 0, 0}, 3).exemplar(0.5, minute(0) + 1).build()});
  auto next = points_of(delivered({at(2)
                                       .histogram(kDuration, "orders", {1, 3, 0, 1}, 24)
                                       .exemplar(0.5, minute(0) + 1)
                                       .exemplar(20, minute(1) + 1)
                                       .build()}));
  const MetricPoint& point = next["messaging.client.operation.duration orders"];
  EXPECT_EQ(point.count, 2U);
  EXPECT_EQ(point.sum, 21);
  EXPECT_EQ(std::vector<std::uint64_t>(point.buckets.begin(), point.buckets.end()),
            (std::vector<std::uint64_t>{0, 1, 0, 1}));
  ASSERT_EQ(point.exemplars.size(), 1U);
  EXPECT_EQ(point.exemplars[0].value, 20);
}

TEST_F(DeltaConverterTest, LeavesValuesThatMayFallAsTheyAre) {
  delivered({at(1).count(kInFlight, "orders", 5).build()});
  auto next = points_of(delivered({at(2).count(kInFlight, "orders", 5).build()}));
  EXPECT_EQ(next["waybill.sends.in_flight orders"].integer, 5);
  EXPECT_EQ(next["waybill.sends.in_flight orders"].start_unix_ns, minute(0));
}

TEST_F(DeltaConverterTest, SendsCountersThatAreReadAsTheyAreWithLowMemory) {
  DeltaConverter sparing{TemporalityPreference::kLowMemory};
  delivered({at(1).count(kSent, "orders", 5).count(kBytes, "orders", 50).build()}, sparing);
  auto next =
      points_of(delivered({at(2).count(kSent, "orders", 6).count(kBytes, "orders", 60).build()}, sparing));
  EXPECT_EQ(next["messaging.client.sent.messages orders"].integer, 1);
  EXPECT_EQ(next["kafka.client.bytes orders"].integer, 60);
}

TEST_F(DeltaConverterTest, TakesASeriesThatBeganAnewAsAWhole) {
  delivered({at(1).count(kSent, "orders", 10).build()});
  auto next = points_of(delivered({at(2).count(kSent, "orders", 4).build()}));
  EXPECT_EQ(next["messaging.client.sent.messages orders"].integer, 4);
  EXPECT_EQ(next["messaging.client.sent.messages orders"].start_unix_ns, minute(0));
}

TEST_F(DeltaConverterTest, KeepsSourcesAndSeriesApart) {
  delivered({at(1, "a").count(kSent, "orders", 10).count(kSent, "payments", 1).build(),
             at(1, "b").count(kSent, "orders", 100).build()});
  const MetricSnapshots changes = delivered(
      {at(2, "a").count(kSent, "orders", 11).build(), at(2, "b").count(kSent, "orders", 102).build()});
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0]->metrics[0].points[0].integer, 1);
  EXPECT_EQ(changes[1]->metrics[0].points[0].integer, 2);
}

TEST_F(DeltaConverterTest, ForgetsASourceThatHasEnded) {
  delivered({at(1).count(kSent, "orders", 10).build()});
  EXPECT_FALSE(converter_.memory_of("host-1").empty());
  auto last = points_of(delivered({at(2).count(kSent, "orders", 12).last().build()}));
  EXPECT_EQ(last["messaging.client.sent.messages orders"].integer, 2);
  EXPECT_TRUE(converter_.memory_of("host-1").empty());
}

TEST_F(DeltaConverterTest, SendsNoSeriesThatItCannotRemember) {
  DeltaConverter small{TemporalityPreference::kDelta, 1};
  const MetricSnapshots snapshots{at(1).count(kSent, "a", 1).count(kSent, "b", 2).build()};
  const DeltaConverter::Changes changes = small.since_last(snapshots);
  EXPECT_EQ(changes.beyond_bound, 1U);
  EXPECT_EQ(points_of(changes.snapshots).size(), 1U);
  small.arrived(snapshots);
  EXPECT_TRUE(small.since_last(snapshots).snapshots.empty());
  EXPECT_EQ(small.since_last(snapshots).beyond_bound, 1U);
}

TEST_F(DeltaConverterTest, GoesOnWhereAnotherProcessWas) {
  delivered({at(1).count(kSent, "orders", 10).histogram(kDuration, "orders", {1, 0, 0, 0}, 0.001).build()});
  DeltaConverter next{TemporalityPreference::kDelta};
  next.recall("host-1", converter_.memory_of("host-1"));
  const MetricSnapshots snapshots{
      at(2).count(kSent, "orders", 13).histogram(kDuration, "orders", {1, 1, 0, 0}, 0.501).build()};
  const DeltaConverter::Changes changes = next.since_last(snapshots);
  auto points = points_of(changes.snapshots);
  EXPECT_EQ(points["messaging.client.sent.messages orders"].integer, 3);
  EXPECT_EQ(points["messaging.client.sent.messages orders"].start_unix_ns, minute(1));
  EXPECT_EQ(points["messaging.client.operation.duration orders"].count, 1U);
  EXPECT_EQ(points["messaging.client.operation.duration orders"].sum, 0.5);
}

TEST_F(DeltaConverterTest, IgnoresAMemoryThatItCannotRead) {
  delivered({at(1).count(kSent, "orders", 10).build()});
  const std::string memory = converter_.memory_of("host-1");
  const MetricSnapshots snapshots{at(2).count(kSent, "orders", 13).build()};
  for (std::size_t size = 0; size < memory.size(); ++size) {
    DeltaConverter next{TemporalityPreference::kDelta};
    next.recall("host-1", std::string_view{memory}.substr(0, size));
    const DeltaConverter::Changes changes = next.since_last(snapshots);
    const std::int64_t sent = points_of(changes.snapshots)["messaging.client.sent.messages orders"].integer;
    // The head alone says that nothing was sent.
    EXPECT_EQ(sent, 13) << size;
  }
}

// Whatever arrives and whatever gets lost, and however often the process starts anew: the differences that
// arrived add up to what was counted, each interval begins where the last one ended, and none is negative.
TEST(DeltaConverterPropertyTest, DifferencesThatArrivedAddUpToWhatWasCounted) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::minstd_rand random{seed};
    DeltaConverter first{TemporalityPreference::kDelta};
    std::vector<DeltaConverter> converters(1, first);
    std::map<std::string, std::int64_t> counted;
    std::map<std::string, std::int64_t> arrived;
    std::map<std::string, std::uint64_t> end;
    for (std::uint64_t round = 1; round <= 30; ++round) {
      const bool is_last = round == 30;
      MetricSnapshots snapshots;
      for (const char* source : {"a", "b"}) {
        SnapshotBuilder builder = at(round, source);
        if (is_last) builder.last();
        for (const char* topic : {"x", "y", "z"}) {
          std::int64_t& count = counted[std::string{source} + topic];
          count += random() % 4;
          builder.count(kSent, topic, count);
        }
        snapshots.push_back(builder.build());
      }
      const DeltaConverter::Changes changes = converters.back().since_last(snapshots);
      if (random() % 3 == 0 && !is_last) continue;  // it is lost
      for (const auto& snapshot : changes.snapshots) {
        for (const MetricPoint& point : snapshot->metrics.at(0).points) {
          const std::string series =
              snapshot->source + std::string{std::get<std::string_view>(point.attributes[0].value)};
          EXPECT_GT(point.integer, 0);
          EXPECT_GE(point.start_unix_ns, end[series]);
          arrived[series] += point.integer;
          end[series] = point.time_unix_ns;
        }
      }
      converters.back().arrived(snapshots);
      if (random() % 5 != 0) continue;
      DeltaConverter next{TemporalityPreference::kDelta};
      for (const char* source : {"a", "b"}) next.recall(source, converters.back().memory_of(source));
      converters.push_back(next);
    }
    EXPECT_EQ(arrived, counted) << "seed " << seed;
  }
}

TEST(SeriesKeyTest, NamesTheSameSeriesTheSameInWhateverOrder) {
  const telemetry::Attribute one[] = {{"a", "1"}, {"b", std::int64_t{2}}};
  const telemetry::Attribute other[] = {{"b", std::int64_t{2}}, {"a", "1"}};
  EXPECT_EQ(series_key("m", one), series_key("m", other));
}

TEST(SeriesKeyTest, NamesDifferentSeriesDifferently) {
  const telemetry::Attribute text[] = {{"a", "1"}};
  const telemetry::Attribute number[] = {{"a", std::int64_t{1}}};
  const telemetry::Attribute shifted[] = {{"a1", ""}};
  EXPECT_NE(series_key("m", text), series_key("m", number));
  EXPECT_NE(series_key("m", text), series_key("m", shifted));
  EXPECT_NE(series_key("m", text), series_key("n", text));
  EXPECT_NE(series_key("ma", {}), series_key("m", text));
}

}  // namespace
}  // namespace waybill::exporters
