#include "waybill/exporters/sending_metric_destination.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "waybill/exporters/joined_delivery.h"

namespace waybill::exporters {
namespace {

using Outcome = Delivery::Outcome;

// The points from `begin` up to `end`, counted over all metrics; they stay in the whole snapshot's memory.
std::shared_ptr<const telemetry::MetricSnapshot> part_of(const telemetry::MetricSnapshot& whole,
                                                         std::uint64_t begin, std::uint64_t end) {
  auto part = std::make_shared<telemetry::MetricSnapshot>();
  part->source = whole.source;
  part->resource = whole.resource;
  part->last = whole.last;
  std::uint64_t at = 0;
  for (const telemetry::Metric& metric : whole.metrics) {
    telemetry::Metric some{metric.description, {}};
    for (const telemetry::MetricPoint& point : metric.points) {
      if (at >= begin && at < end) some.points.push_back(point);
      ++at;
    }
    if (!some.points.empty()) part->metrics.push_back(std::move(some));
  }
  return part;
}

struct Halves {
  MetricSnapshots first;
  MetricSnapshots second;
};

Halves halves_of(const MetricSnapshots& snapshots) {
  Halves halves;
  std::uint64_t left = count_points(snapshots) / 2;  // for the first half
  for (const auto& snapshot : snapshots) {
    const std::uint64_t size = count_points(*snapshot);
    if (size <= left) {
      halves.first.push_back(snapshot);
    } else if (left == 0) {
      halves.second.push_back(snapshot);
    } else {
      halves.first.push_back(part_of(*snapshot, 0, left));
      halves.second.push_back(part_of(*snapshot, left, size));
    }
    left -= std::min(left, size);
  }
  return halves;
}

}  // namespace

Delivery SendingMetricDestination::deliver(const MetricSnapshots& snapshots, Deadline deadline) {
  const std::string_view body = encoder_->encode(snapshots);
  if (body.size() <= transport_->most_bytes()) return transport_->send(body, deadline);
  if (count_points(snapshots) > 1) return deliver_halves(snapshots, deadline);
  return {Outcome::kRejected, 0, "a point is larger than the receiver takes"};
}

Delivery SendingMetricDestination::deliver_halves(const MetricSnapshots& snapshots, Deadline deadline) {
  const Halves halves = halves_of(snapshots);
  Delivery first = deliver(halves.first, deadline);
  if (first.outcome == Outcome::kStopped) return first;
  Delivery second = deliver(halves.second, deadline);
  if (second.outcome == Outcome::kStopped) return second;
  return joined_delivery(first, count_points(halves.first), second, count_points(halves.second));
}

}  // namespace waybill::exporters
