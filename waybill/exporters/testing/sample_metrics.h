#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "waybill/exporters/metric_exporter.h"
#include "waybill/exporters/testing/sample_spans.h"

// Metrics for the tests of exporters.
namespace waybill::exporters::testing {

inline constexpr double kSampleBounds[] = {0.005, 1, 10};

inline constexpr telemetry::MetricDescription kSent{"messaging.client.sent.messages", "{message}",
                                                    "Messages that were handed over.",
                                                    telemetry::InstrumentKind::kCounter};
inline constexpr telemetry::MetricDescription kDuration{
    "messaging.client.operation.duration", "s",   "How long operations took.",
    telemetry::InstrumentKind::kHistogram, false, kSampleBounds};
inline constexpr telemetry::MetricDescription kInFlight{"waybill.sends.in_flight",
                                                        "{message}",
                                                        "Sends without an answer yet.",
                                                        telemetry::InstrumentKind::kUpDownCounter,
                                                        true,
                                                        {},
                                                        true};
inline constexpr telemetry::MetricDescription kFill{"waybill.segment.fill",
                                                    "1",
                                                    "How full the segment is. A line\nbreak, and a \\.",
                                                    telemetry::InstrumentKind::kGauge,
                                                    false,
                                                    {},
                                                    true};
inline constexpr telemetry::MetricDescription kBytes{"kafka.client.bytes",
                                                     "By",
                                                     "Bytes on the wire, as librdkafka says.",
                                                     telemetry::InstrumentKind::kCounter,
                                                     true,
                                                     {},
                                                     true};

// Makes the snapshot of one host, piece by piece.
class SnapshotBuilder {
 public:
  static constexpr std::uint64_t kStart = 1'700'000'000'000'000'000;

  explicit SnapshotBuilder(const std::string& source = "host-1", const std::string& service = "shop",
                           std::uint64_t time = kStart + 60'000'000'000)
      : time_{time} {
    auto resource = std::make_shared<telemetry::Resource>();
    resource->attributes = {{"service.name", resource->memory.keep(service)},
                            {"service.instance.id", resource->memory.keep("instance of " + source)},
                            {"process.pid", std::int64_t{42}}};
    snapshot_->resource = std::move(resource);
    snapshot_->source = source;
  }

  SnapshotBuilder& resource(std::shared_ptr<const telemetry::Resource> resource) {
    snapshot_->resource = std::move(resource);
    return *this;
  }
  SnapshotBuilder& last() {
    snapshot_->last = true;
    return *this;
  }

  // The attribute "messaging.destination.name" of each point.
  SnapshotBuilder& count(const telemetry::MetricDescription& description, const std::string& topic,
                         std::int64_t value) {
    telemetry::MetricPoint& point = add(description, topic);
    point.integer = value;
    return *this;
  }
  SnapshotBuilder& measure(const telemetry::MetricDescription& description, const std::string& topic,
                           double value) {
    telemetry::MetricPoint& point = add(description, topic);
    point.number = value;
    point.start_unix_ns = 0;
    return *this;
  }
  SnapshotBuilder& histogram(const telemetry::MetricDescription& description, const std::string& topic,
                             const std::vector<std::uint64_t>& buckets, double sum) {
    telemetry::MetricPoint& point = add(description, topic);
    point.buckets = snapshot_->memory.keep(std::span<const std::uint64_t>{buckets});
    for (const std::uint64_t one : buckets) point.count += one;
    point.sum = sum;
    return *this;
  }
  // Of the point that was added last.
  SnapshotBuilder& exemplar(double value, std::uint64_t time) {
    telemetry::MetricPoint& point = snapshot_->metrics.back().points.back();
    std::vector<telemetry::Exemplar> exemplars{point.exemplars.begin(), point.exemplars.end()};
    exemplars.push_back({value, time, id_of<context::TraceId>(0x10), id_of<context::SpanId>(0x40)});
    point.exemplars = snapshot_->memory.keep(std::span<const telemetry::Exemplar>{exemplars});
    return *this;
  }
  SnapshotBuilder& attributes(const std::vector<telemetry::Attribute>& attributes) {
    snapshot_->metrics.back().points.back().attributes =
        snapshot_->memory.keep(std::span<const telemetry::Attribute>{attributes});
    return *this;
  }

  std::shared_ptr<const telemetry::MetricSnapshot> build() { return std::move(snapshot_); }

 private:
  telemetry::MetricPoint& add(const telemetry::MetricDescription& description, const std::string& topic) {
    auto metric = std::find_if(snapshot_->metrics.begin(), snapshot_->metrics.end(),
                               [&](const auto& one) { return one.description == &description; });
    if (metric == snapshot_->metrics.end())
      metric = snapshot_->metrics.insert(metric, telemetry::Metric{&description, {}});
    // The point that was added last is the last metric's last one.
    std::rotate(metric, metric + 1, snapshot_->metrics.end());
    telemetry::MetricPoint point;
    const telemetry::Attribute attribute{"messaging.destination.name", snapshot_->memory.keep(topic)};
    point.attributes = snapshot_->memory.keep(std::span<const telemetry::Attribute>{&attribute, 1});
    point.start_unix_ns = kStart;
    point.time_unix_ns = time_;
    snapshot_->metrics.back().points.push_back(point);
    return snapshot_->metrics.back().points.back();
  }

  std::uint64_t time_;
  std::shared_ptr<telemetry::MetricSnapshot> snapshot_ = std::make_shared<telemetry::MetricSnapshot>();
};

// A point of each instrument, and exemplars.
inline std::shared_ptr<const telemetry::MetricSnapshot> sample_snapshot(const std::string& source = "host-1",
                                                                        const std::string& service = "shop") {
  SnapshotBuilder builder{source, service};
  builder.count(kSent, "orders", 1234).exemplar(1, SnapshotBuilder::kStart + 1'500'000'000);
  builder.histogram(kDuration, "orders", {2, 1, 0, 1}, 12.5)
      .exemplar(0.002, SnapshotBuilder::kStart)
      .exemplar(0.004, SnapshotBuilder::kStart + 1'000'000)
      .exemplar(11, SnapshotBuilder::kStart + 2'000'000);
  builder.count(kInFlight, "orders", -3);
  builder.measure(kFill, "orders", 0.25);
  builder.count(kBytes, "orders", 9'007'199'254'740'993);
  return builder.build();
}

}  // namespace waybill::exporters::testing
