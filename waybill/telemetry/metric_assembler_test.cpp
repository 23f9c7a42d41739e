#include "waybill/telemetry/metric_assembler.h"

#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <optional>
#include <string>

#include "waybill/telemetry/metric_table.h"

namespace waybill::telemetry {
namespace {

using segment::CellKey;
using segment::CellKind;
using segment::DefinitionKind;
using segment::MetricCell;

// The names that cells refer to.
class Names final : public Definitions {
 public:
  std::string_view text(std::uint32_t id, DefinitionKind kind) override {
    const auto at = texts_.find(id);
    return at == texts_.end() || at->second.first != kind ? std::string_view{} : at->second.second;
  }

 private:
  static std::string client(std::string_view type, std::string_view id, std::string_view group) {
    std::string fields;
    for (const std::string_view field : {type, id, group, std::string_view{"broker-1:9092,broker-2:9092"},
                                         std::string_view{"2.0.2"}, std::string_view{"all"}}) {
      fields.append(field).push_back('\0');
    }
    return fields;
  }
  const std::map<std::uint32_t, std::pair<DefinitionKind, std::string>> texts_{
      {1, {DefinitionKind::kClient, client("producer", "one", "")}},
      {2, {DefinitionKind::kClient, client("producer", "two", "")}},
      {3, {DefinitionKind::kClient, client("consumer", "three", "billing")}},
      {10, {DefinitionKind::kTopic, "orders"}},
      {11, {DefinitionKind::kTopic, "payments"}},
      {20, {DefinitionKind::kBroker, "10.0.0.7:9093"}},
      {30, {DefinitionKind::kError, std::string{"_MSG_TIMED_OUT\0Local: Message timed out", 38}}}};
};

class MetricAssemblerTest : public ::testing::Test {
 protected:
  static MetricCell cell(const CellKey& key, std::uint64_t count) {
    MetricCell made{};
    made.ready = segment::kCellReady;
    made.key = key;
    made.count = count;
    return made;
  }
  std::vector<Metric> take() { return assembler_.take({1'000, 2'000}, exemplars_, memory_); }

  static const MetricPoint* point(const std::vector<Metric>& metrics, const MetricDescription& description,
                                  std::size_t at = 0) {
    for (const Metric& metric : metrics) {
      if (metric.description == &description) return at < metric.points.size() ? &metric.points[at] : nullptr;
    }
    return nullptr;
  }
  static std::string text(const MetricPoint& point) {
    std::string all;
    for (const Attribute& one : point.attributes) {
      all.append(all.empty() ? "" : " ").append(one.key).append("=");
      if (const auto* words = std::get_if<std::string_view>(&one.value)) all.append(*words);
      if (const auto* number = std::get_if<std::int64_t>(&one.value)) all.append(std::to_string(*number));
      if (const auto* yes = std::get_if<bool>(&one.value)) all.append(*yes ? "true" : "false");
    }
    return all;
  }

  Names names_;
  MetricAssembler assembler_{names_};
  Exemplars exemplars_;
  Arena memory_;
};

TEST_F(MetricAssemblerTest, TellsHowLongCommitsTook) {
  MetricCell one = cell({CellKind::kSettle, 3, 10, 0, 30}, 1);
  one.histograms[0].buckets[2] = 1;
  one.histograms[0].sum_us = 20'000;
  assembler_.add(one);
  const std::vector<Metric> metrics = take();
  const MetricPoint* duration = point(metrics, metrics::kOperationDuration);
  ASSERT_NE(duration, nullptr);
  EXPECT_EQ(text(*duration),
            "messaging.system=kafka messaging.operation.name=commit messaging.destination.name=orders "
            "messaging.consumer.group.name=billing server.address=broker-1 server.port=9092 "
            "error.type=_MSG_TIMED_OUT messaging.operation.type=settle");
  EXPECT_EQ(duration->count, 1U);
  EXPECT_EQ(metrics.size(), 1U);
}

TEST_F(MetricAssemblerTest, SendsAreToldByTopicServerAndError) {
  assembler_.add(cell({CellKind::kSend, 1, 10, 20, 0}, 5));
  assembler_.add(cell({CellKind::kSend, 1, 10, 0, 30}, 2));
  const std::vector<Metric> metrics = take();
  const MetricPoint* sent = point(metrics, metrics::kSentMessages);
  ASSERT_NE(sent, nullptr);
  EXPECT_EQ(sent->integer, 5);
  EXPECT_EQ(text(*sent),
            "messaging.system=kafka messaging.operation.name=send messaging.destination.name=orders "
            "server.address=10.0.0.7 server.port=9093");
  EXPECT_EQ(sent->start_unix_ns, 1'000U);
  EXPECT_EQ(sent->time_unix_ns, 2'000U);
  const MetricPoint* failed = point(metrics, metrics::kSentMessages, 1);
  ASSERT_NE(failed, nullptr);
  EXPECT_EQ(failed->integer, 2);
  EXPECT_EQ(text(*failed),
            "messaging.system=kafka messaging.operation.name=send messaging.destination.name=orders "
            "server.address=broker-1 server.port=9092 error.type=_MSG_TIMED_OUT");
}

TEST_F(MetricAssemblerTest, PartitionsAreToldApartWhereTheyWereCountedApart) {
  assembler_.add(cell({CellKind::kConsume, 3, 10, 0, 0, 1}, 5));
  assembler_.add(cell({CellKind::kConsume, 3, 10, 0, 0, 8}, 7));
  assembler_.add(cell({CellKind::kConsume, 3, 10, 0, 0}, 9));
  const std::vector<Metric> metrics = take();
  std::map<std::string, std::int64_t> counts;
  for (std::size_t at = 0; at < 3; ++at) {
    const MetricPoint* one = point(metrics, metrics::kConsumedMessages, at);
    ASSERT_NE(one, nullptr);
    const std::string all = text(*one);
    const std::size_t place = all.find("partition.id=");
    counts[place == std::string::npos ? "" : all.substr(place + 13, 1)] = one->integer;
  }
  EXPECT_EQ(counts, (std::map<std::string, std::int64_t>{{"", 9}, {"0", 5}, {"7", 7}}));
}

TEST_F(MetricAssemblerTest, ClientsThatDifferInTheirIdOnlyAreOneSeries) {
  assembler_.add(cell({CellKind::kSend, 1, 10, 20, 0}, 5));
  assembler_.add(cell({CellKind::kSend, 2, 10, 20, 0}, 7));
  const std::vector<Metric> metrics = take();
  EXPECT_EQ(point(metrics, metrics::kSentMessages)->integer, 12);
  EXPECT_EQ(point(metrics, metrics::kSentMessages, 1), nullptr);
}

TEST_F(MetricAssemblerTest, EachPartOfASendHasItsHistogramInSeconds) {
  MetricCell send = cell({CellKind::kSend, 1, 10, 20, 0}, 3);
  send.bytes = 300;
  send.histograms[0].sum_us = 9'000'000;
  send.histograms[0].buckets[10] = 3;
  send.histograms[1].sum_us = 1'500'000;
  send.histograms[1].buckets[2] = 2;
  send.histograms[2].sum_us = 7'500'000;
  send.histograms[2].buckets[14] = 1;
  assembler_.add(send);
  const std::vector<Metric> metrics = take();
  const MetricPoint* duration = point(metrics, metrics::kOperationDuration);
  ASSERT_NE(duration, nullptr);
  EXPECT_EQ(duration->count, 3U);
  EXPECT_DOUBLE_EQ(duration->sum, 9.0);
  ASSERT_EQ(duration->buckets.size(), metrics::kOperationDuration.bounds.size() + 1);
  EXPECT_EQ(duration->buckets[10], 3U);
  EXPECT_NE(text(*duration).find("messaging.operation.type=send"), std::string::npos);
  EXPECT_EQ(point(metrics, metrics::kQueueTime)->count, 2U);
  EXPECT_EQ(point(metrics, metrics::kBrokerTime)->buckets.back(), 1U);
  EXPECT_EQ(point(metrics, metrics::kSentBytes)->integer, 300);
}

TEST_F(MetricAssemblerTest, TimesThatAreNotKnownAreNoHistogram) {
  assembler_.add(cell({CellKind::kSend, 1, 10, 0, 30}, 1));
  const std::vector<Metric> metrics = take();
  EXPECT_EQ(point(metrics, metrics::kSentMessages)->integer, 1);
  EXPECT_EQ(point(metrics, metrics::kOperationDuration), nullptr);
}

TEST_F(MetricAssemblerTest, ConsumingIsToldByTopicAndGroup) {
  MetricCell consumed = cell({CellKind::kConsume, 3, 11, 0, 0}, 4);
  consumed.histograms[0].sum_us = 400'000'000;
  consumed.histograms[0].buckets[17] = 4;
  assembler_.add(consumed);
  MetricCell polls = cell({CellKind::kPoll, 3, 11, 0, 0}, 2);
  polls.histograms[0].buckets[0] = 2;
  assembler_.add(polls);
  MetricCell processed = cell({CellKind::kProcess, 3, 0, 0, 0}, 1);
  processed.histograms[0].buckets[0] = 1;
  assembler_.add(processed);
  const std::vector<Metric> metrics = take();
  EXPECT_EQ(point(metrics, metrics::kConsumedMessages)->integer, 4);
  EXPECT_EQ(text(*point(metrics, metrics::kConsumedMessages)),
            "messaging.system=kafka messaging.operation.name=poll messaging.destination.name=payments "
            "messaging.consumer.group.name=billing server.address=broker-1 server.port=9092");
  EXPECT_EQ(point(metrics, metrics::kRecordAge)->buckets.back(), 4U);
  EXPECT_NE(text(*point(metrics, metrics::kOperationDuration)).find("messaging.operation.type=receive"),
            std::string::npos);
  // A batch over several topics has none.
  EXPECT_EQ(text(*point(metrics, metrics::kProcessDuration)).find("destination"), std::string::npos);
}

TEST_F(MetricAssemblerTest, TheDurationOfASendHasItsExemplarsAndItsPartsHaveNone) {
  const Attribute attributes[] = {{"messaging.operation.name", "send"},
                                  {"messaging.destination.name", "orders"},
                                  {"server.address", "10.0.0.7"},
                                  {"server.port", std::int64_t{9093}}};
  SpanShape shape;
  shape.id = 1;
  shape.attributes = attributes;
  Span span;
  span.shape = &shape;
  span.context.flags = context::kFlagSampled;
  span.context.span_id.bytes[0] = 9;
  span.start_unix_ns = 1;
  span.end_unix_ns = 2'000'001;
  exemplars_.add(span);
  MetricCell send = cell({CellKind::kSend, 1, 10, 20, 0}, 1);
  for (segment::CellHistogram& histogram : send.histograms) histogram.buckets[0] = 1;
  assembler_.add(send);
  const std::vector<Metric> metrics = take();
  const MetricPoint* duration = point(metrics, metrics::kOperationDuration);
  ASSERT_EQ(duration->exemplars.size(), 1U);
  EXPECT_EQ(duration->exemplars[0].span_id.bytes[0], 9);
  EXPECT_DOUBLE_EQ(duration->exemplars[0].value, 0.002);
  EXPECT_TRUE(point(metrics, metrics::kQueueTime)->exemplars.empty());
}

TEST_F(MetricAssemblerTest, WhatHadNoCellOfItsOwnSaysSo) {
  assembler_.add(cell({CellKind::kSend, 0, CellKey::kOverflow, 0, 0}, 9));
  const std::vector<Metric> metrics = take();
  EXPECT_EQ(text(*point(metrics, metrics::kSentMessages)),
            "messaging.system=kafka messaging.operation.name=send otel.metric.overflow=true");
}

TEST_F(MetricAssemblerTest, ACellOfNoKnownKindIsLeftOut) {
  assembler_.add(cell({static_cast<CellKind>(77), 1, 10, 20, 0}, 5));
  EXPECT_TRUE(take().empty());
}

TEST_F(MetricAssemblerTest, TheBoundsOfHostAndMetricAgree) {
  const auto agree = [](std::span<const double> seconds, std::span<const std::uint64_t> microseconds) {
    return std::equal(seconds.begin(), seconds.end(), microseconds.begin(), microseconds.end(),
                      [](double left, std::uint64_t right) {
                        return static_cast<std::uint64_t>(left * 1e6 + 0.5) == right;
                      });
  };
  EXPECT_TRUE(agree(metrics::kDurationBounds, segment::kDurationBoundsUs));
  EXPECT_TRUE(agree(metrics::kAgeBounds, segment::kAgeBoundsUs));
}

}  // namespace
}  // namespace waybill::telemetry
