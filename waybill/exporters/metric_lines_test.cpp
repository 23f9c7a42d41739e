#include "waybill/exporters/metric_lines.h"

#include <gtest/gtest.h>

#include "waybill/exporters/testing/sample_metrics.h"

namespace waybill::exporters {
namespace {

using testing::SnapshotBuilder;

TEST(MetricLinesTest, WritesALineForEachPoint) {
  EXPECT_EQ(
      metric_lines({testing::sample_snapshot()}),
      "22:14:20.000000Z shop METRIC messaging.client.sent.messages 1234 {message} "
      "messaging.destination.name=orders\n"
      "22:14:20.000000Z shop METRIC messaging.client.operation.duration count=4 sum=12.5 average=3.125 s "
      "messaging.destination.name=orders\n"
      "22:14:20.000000Z shop METRIC waybill.sends.in_flight -3 {message} "
      "messaging.destination.name=orders\n"
      "22:14:20.000000Z shop METRIC waybill.segment.fill 0.25 1 messaging.destination.name=orders\n"
      "22:14:20.000000Z shop METRIC kafka.client.bytes 9007199254740993 By "
      "messaging.destination.name=orders\n");
}

TEST(MetricLinesTest, LetsNoNameControlTheTerminal) {
  const auto snapshot = SnapshotBuilder{"a", "shop\x1b[2J"}.count(testing::kSent, "line\nbreak", 1).build();
  EXPECT_EQ(metric_lines({snapshot}),
            "22:14:20.000000Z shop\\x1b[2J METRIC messaging.client.sent.messages 1 {message} "
            "messaging.destination.name=line\\x0abreak\n");
}

}  // namespace
}  // namespace waybill::exporters
