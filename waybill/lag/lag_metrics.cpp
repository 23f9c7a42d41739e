#include "waybill/lag/lag_metrics.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace waybill::lag {
namespace {

using telemetry::Attribute;
using telemetry::InstrumentKind;
using telemetry::Metric;
using telemetry::MetricDescription;
using telemetry::MetricPoint;

// A metric, and what a point says of it; none: nothing.
struct LagMetric {
  MetricDescription description;
  std::optional<double> (*value)(const LagPoint& point);
};

std::optional<double> unless_zero(std::uint64_t value) {
  if (value == 0) return std::nullopt;
  return static_cast<double>(value);
}

constexpr MetricDescription gauge(std::string_view name, std::string_view unit, std::string_view text,
                                  bool is_integer) {
  return {.name = name,
          .unit = unit,
          .description = text,
          .instrument = InstrumentKind::kGauge,
          .is_integer = is_integer,
          .observable = true};
}

const std::array<LagMetric, 5> kMetrics{{
    {gauge("kafka.consumer.lag", "{message}", "Messages that the group has not got yet.", true),
     [](const LagPoint& point) { return std::optional{static_cast<double>(point.messages)}; }},
    {gauge("kafka.consumer.lag.time", "s", "Age of the oldest message that the group has not got yet.",
           false),
     [](const LagPoint& point) { return point.seconds; }},
    {gauge("waybill.lag.watermark.age", "s",
           "Age of the log end that the lag was made of. Where it stands the lag is a lower bound.", false),
     [](const LagPoint& point) { return point.watermark_age; }},
    {gauge("waybill.lag.uncounted", "{offset}",
           "Offsets that were taken for messages of the lag without looking at them.", true),
     [](const LagPoint& point) { return unless_zero(point.uncounted); }},
    {gauge("waybill.lag.gone", "{offset}",
           "Offsets that the group did not read before they were removed from the log.", true),
     [](const LagPoint& point) { return unless_zero(point.offsets_gone); }},
}};

std::span<const Attribute> attributes_of(const LagPoint& point, Arena& memory) {
  std::array<char, 12> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), point.of.at.partition).ptr;
  const std::array<Attribute, 4> attributes{{
      {"messaging.system", "kafka"},
      {"messaging.consumer.group.name", memory.keep(point.of.group)},
      {"messaging.destination.name", memory.keep(point.of.at.topic)},
      {"messaging.destination.partition.id",
       memory.keep(std::string_view{digits.data(), static_cast<std::size_t>(end - digits.data())})},
  }};
  return memory.keep(std::span<const Attribute>{attributes});
}

std::span<const Attribute> overflow_attributes(Arena& memory) {
  const std::array<Attribute, 1> attributes{{{"otel.metric.overflow", true}}};
  return memory.keep(std::span<const Attribute>{attributes});
}

MetricPoint point_of(const MetricDescription& description, std::span<const Attribute> attributes,
                     std::uint64_t time_unix_ns, double value) {
  constexpr double kMost = 9e15;  // beyond it a double is no count any more
  MetricPoint point;
  point.attributes = attributes;
  point.time_unix_ns = time_unix_ns;
  if (description.is_integer) {
    point.integer = static_cast<std::int64_t>(std::min(value, kMost));
  } else {
    point.number = value;
  }
  return point;
}

// The points of one metric. `attributes` stand in the order of `points`.
Metric metric_of(const LagMetric& what, std::span<const LagPoint> points,
                 std::span<const std::span<const Attribute>> attributes, std::size_t most_series,
                 Arena& memory) {
  Metric metric{.description = &what.description, .points = {}};
  std::optional<double> beyond;
  std::uint64_t beyond_unix_ns = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const std::optional<double> value = what.value(points[i]);
    if (!value) continue;
    if (i + 1 >= most_series && points.size() > most_series) {
      beyond = std::max(beyond.value_or(0), *value);
      beyond_unix_ns = points[i].time_unix_ns;
      continue;
    }
    metric.points.push_back(point_of(what.description, attributes[i], points[i].time_unix_ns, *value));
  }
  if (beyond)
    metric.points.push_back(point_of(what.description, overflow_attributes(memory), beyond_unix_ns, *beyond));
  return metric;
}

}  // namespace

std::vector<Metric> lag_metrics(std::span<const LagPoint> points, std::size_t most_series, Arena& memory) {
  std::vector<std::span<const Attribute>> attributes;
  attributes.reserve(points.size());
  for (const LagPoint& point : points) attributes.push_back(attributes_of(point, memory));
  std::vector<Metric> metrics;
  for (const LagMetric& what : kMetrics) {
    Metric metric = metric_of(what, points, attributes, most_series, memory);
    if (!metric.points.empty()) metrics.push_back(std::move(metric));
  }
  return metrics;
}

void add_lag_metrics(telemetry::MetricSnapshot& snapshot, std::span<const LagPoint> points) {
  for (Metric& metric : lag_metrics(points, kMostLagSeries, snapshot.memory))
    snapshot.metrics.push_back(std::move(metric));
}

}  // namespace waybill::lag
