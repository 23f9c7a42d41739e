#include "waybill/telemetry/exemplars.h"

#include <gtest/gtest.h>

namespace waybill::telemetry {
namespace {

constexpr std::uint64_t kMillisecond = 1'000'000;

class ExemplarsTest : public ::testing::Test {
 protected:
  SpanShape shape(std::uint64_t id, std::string_view topic, std::string_view partition) {
    SpanShape made;
    made.id = id;
    const Attribute attributes[] = {{"messaging.operation.name", "send"},
                                    {"messaging.destination.name", memory_.keep(topic)},
                                    {"messaging.destination.partition.id", partition},
                                    {"server.address", "broker"},
                                    {"server.port", std::int64_t{9092}}};
    made.attributes = memory_.keep(std::span<const Attribute>{attributes});
    return made;
  }
  void add(const SpanShape& shape, std::uint8_t id, std::uint64_t milliseconds, bool sampled = true) {
    Span span;
    span.shape = &shape;
    span.context.trace_id.bytes[0] = id;
    span.context.span_id.bytes[0] = id;
    span.context.flags = sampled ? context::kFlagSampled : std::uint8_t{0};
    span.start_unix_ns = id * kMillisecond;
    span.end_unix_ns = span.start_unix_ns + milliseconds * kMillisecond;
    exemplars_.add(span);
  }
  std::vector<int> ids(std::string_view topic, std::string_view partition = {}) const {
    std::vector<int> found;
    const DurationSeries series{"send", std::string{topic}, "", "broker", 9092, "", std::string{partition}};
    for (const Exemplar& one : exemplars_.of(series)) found.push_back(one.span_id.bytes[0]);
    return found;
  }

  Arena memory_;
  Exemplars exemplars_;
};

TEST_F(ExemplarsTest, TheNewestSpanOfEachBucketIsKept) {
  const SpanShape orders = shape(1, "orders", "0");
  add(orders, 1, 3);
  add(orders, 2, 5);  // bounds are inclusive: the same bucket
  add(orders, 3, 6);
  add(orders, 4, 20'000);
  EXPECT_EQ(ids("orders"), (std::vector<int>{2, 3, 4}));
  EXPECT_TRUE(ids("payments").empty());
}

TEST_F(ExemplarsTest, ShapesThatDifferInWhatMetricsDoNotTellAreOneSeries) {
  const SpanShape first = shape(1, "orders", "0");
  const SpanShape second = shape(2, "orders", "1");
  const SpanShape other = shape(3, "payments", "0");
  add(first, 1, 1);
  add(second, 2, 1);
  add(other, 3, 1);
  add(first, 4, 8);
  EXPECT_EQ(ids("orders"), (std::vector<int>{2, 4}));
  EXPECT_EQ(ids("payments"), (std::vector<int>{3}));
}

TEST_F(ExemplarsTest, PartitionsAreToldApartWhereMetricsDoSo) {
  exemplars_ = Exemplars{true};
  const SpanShape first = shape(1, "orders", "0");
  const SpanShape second = shape(2, "orders", "1");
  add(first, 1, 1);
  add(second, 2, 1);
  EXPECT_TRUE(ids("orders").empty());
  EXPECT_EQ(ids("orders", "0"), (std::vector<int>{1}));
  EXPECT_EQ(ids("orders", "1"), (std::vector<int>{2}));
}

TEST_F(ExemplarsTest, ASpanThatIsNotSampledIsNone) {
  const SpanShape orders = shape(1, "orders", "0");
  add(orders, 1, 3, false);
  EXPECT_TRUE(ids("orders").empty());
}

TEST_F(ExemplarsTest, SeriesAreBounded) {
  for (std::uint64_t number = 0; number < 5'000; ++number) {
    const SpanShape one = shape(number + 1, std::to_string(number), "0");
    add(one, 1, 3);
  }
  EXPECT_EQ(ids("0").size(), 1U);
  EXPECT_TRUE(ids("4999").empty());
}

}  // namespace
}  // namespace waybill::telemetry
