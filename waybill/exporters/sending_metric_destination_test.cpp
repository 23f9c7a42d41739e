#include "waybill/exporters/sending_metric_destination.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <opentelemetry/proto/collector/metrics/v1/metrics_service.pb.h>

#include <deque>
#include <string>
#include <vector>

#include "waybill/exporters/otlp_metric_encoder.h"
#include "waybill/exporters/testing/sample_metrics.h"
#include "waybill/exporters/testing/small_transport.h"

namespace waybill::exporters {
namespace {

using configure::TemporalityPreference;
using opentelemetry::proto::collector::metrics::v1::ExportMetricsServiceRequest;
using testing::kFill;
using testing::kSent;
using testing::SmallTransport;
using testing::SnapshotBuilder;
using ::testing::UnorderedElementsAreArray;
using Deadline = std::chrono::steady_clock::time_point;
using Outcome = Delivery::Outcome;

// A host whose programs write to the topics 0 … topics - 1, and one gauge.
std::shared_ptr<const telemetry::MetricSnapshot> host(int topics, const std::string& source = "host-1") {
  SnapshotBuilder builder{source};
  for (int topic = 0; topic < topics; ++topic) builder.count(kSent, std::to_string(topic), topic);
  return builder.measure(kFill, "all", 0.5).build();
}

std::size_t encoded_size(const MetricSnapshots& snapshots) {
  return OtlpMetricEncoder{TemporalityPreference::kCumulative}.encode(snapshots).size();
}

class SendingMetricDestinationTest : public ::testing::Test {
 protected:
  Delivery send(const MetricSnapshots& snapshots, std::size_t most_bytes, std::deque<Delivery> answers = {}) {
    auto transport = std::make_unique<SmallTransport>(most_bytes);
    SmallTransport& small = *transport;
    small.answers = std::move(answers);
    SendingMetricDestination destination{
        std::make_unique<OtlpMetricEncoder>(TemporalityPreference::kCumulative), std::move(transport)};
    const Delivery delivery = destination.deliver(snapshots, Deadline::max());
    requests_ = small.bodies.size();
    points_.clear();
    for (const std::string& body : small.bodies) read_points(body);
    return delivery;
  }

  // Each as "service metric topic".
  void read_points(const std::string& body) {
    ExportMetricsServiceRequest request;
    ASSERT_TRUE(request.ParseFromString(body));
    for (const auto& resource : request.resource_metrics()) {
      const std::string service = resource.resource().attributes(1).value().string_value();
      for (const auto& metric : resource.scope_metrics(0).metrics()) {
        const auto& points = metric.has_sum() ? metric.sum().data_points() : metric.gauge().data_points();
        for (const auto& point : points)
          points_.push_back(service + " " + metric.name() + " " + point.attributes(0).value().string_value());
      }
    }
  }

  std::size_t requests_ = 0;
  std::vector<std::string> points_;
};

TEST_F(SendingMetricDestinationTest, SendsInOneRequestWhatTheReceiverTakes) {
  EXPECT_EQ(send({host(9)}, encoded_size({host(9)})).outcome, Outcome::kTaken);
  EXPECT_EQ(requests_, 1U);
}

TEST_F(SendingMetricDestinationTest, DividesBetweenHostsAndInsideOfThem) {
  const MetricSnapshots snapshots{host(2, "a"), host(20, "b"), host(3, "c")};
  send(snapshots, SIZE_MAX);
  const std::vector<std::string> whole = points_;
  EXPECT_EQ(whole.size(), 28U);
  EXPECT_EQ(send(snapshots, encoded_size({host(4)})).outcome, Outcome::kTaken);
  EXPECT_GT(requests_, 4U);
  EXPECT_THAT(points_, UnorderedElementsAreArray(whole));
}

TEST_F(SendingMetricDestinationTest, RefusesAPointThatIsTooLargeAloneAndSendsTheOthers) {
  const auto large = SnapshotBuilder{}.count(kSent, "a", 1).count(kSent, std::string(10'000, 'x'), 2).build();
  const Delivery delivery = send({large}, 1'000);
  EXPECT_EQ(delivery.outcome, Outcome::kTaken);
  EXPECT_EQ(delivery.rejected_items, 1U);
  EXPECT_EQ(points_.size(), 1U);
}

TEST_F(SendingMetricDestinationTest, CountsEachRequestAsItIsAnswered) {
  const Delivery later{Outcome::kUnreachable, 0, "later", 2};
  const Delivery in_part{Outcome::kTaken, 1, "one is too old", 0};
  const Delivery delivery = send({host(4, "a"), host(4, "b")}, encoded_size({host(4)}), {later, in_part});
  EXPECT_EQ(requests_, 2U);
  EXPECT_EQ(delivery.outcome, Outcome::kTaken);
  EXPECT_EQ(delivery.unreachable_items, 5U);
  EXPECT_EQ(delivery.rejected_items, 1U);
  EXPECT_EQ(delivery.retries, 2U);
}

}  // namespace
}  // namespace waybill::exporters
