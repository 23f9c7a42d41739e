#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "waybill/otlp/internal/attributes.h"
#include "waybill/otlp/readers.h"

namespace waybill::otlp {
namespace {

using internal::find_text;
using internal::KeyValue;
using internal::KeyValues;
using internal::number_of;
using internal::text_of;
using internal::time_of;

namespace metrics = opentelemetry::proto::metrics::v1;
using evidence::MetricKind;
using evidence::MetricPoint;
using evidence::Series;

// Fills what Kafka's questions ask for; the rest is written out, so that two series stay two.
void read_attributes(const KeyValues& attributes, Series& series) {
  std::vector<std::string> others;
  for (const KeyValue& attribute : attributes) {
    const std::string_view name = attribute.key();
    if (name == "messaging.destination.name") {
      series.topic = text_of(attribute.value());
    } else if (name == "messaging.destination.partition.id") {
      const std::int64_t number = number_of(attribute.value()).value_or(-1);
      const bool fits = number >= 0 && number <= std::numeric_limits<std::int32_t>::max();
      series.partition = fits ? static_cast<std::int32_t>(number) : -1;
    } else if (name == "messaging.consumer.group.name") {
      series.group = text_of(attribute.value());
    } else if (name == "messaging.operation.name") {
      series.operation = text_of(attribute.value());
    } else if (name == "error.type") {
      series.error_type = text_of(attribute.value());
    } else if (name != "messaging.system") {
      others.push_back(attribute.key() + '=' + text_of(attribute.value()));
    }
  }
  std::sort(others.begin(), others.end());
  for (const std::string& other : others) {
    if (!series.others.empty()) series.others += '\n';
    series.others += other;
  }
}

template <typename From>
MetricPoint point_of(const From& from, const Series& of) {
  MetricPoint point;
  point.series = of;
  read_attributes(from.attributes(), point.series);
  point.start_ns = time_of(from.start_time_unix_nano());
  point.time_ns = time_of(from.time_unix_nano());
  return point;
}

// A collection of points of one metric.
class PointReader {
 public:
  PointReader(Series series, Received& received) : series_{std::move(series)}, received_{received} {}

  void add(const metrics::Metric& metric) {
    series_.metric = metric.name();
    if (metric.has_gauge()) {
      for (const auto& point : metric.gauge().data_points()) add_number(point, MetricKind::kGauge);
    } else if (metric.has_sum()) {
      const bool is_delta = is_difference(metric.sum().aggregation_temporality());
      for (const auto& point : metric.sum().data_points())
        add_number(point, is_delta ? MetricKind::kDeltaSum : MetricKind::kCumulativeSum);
    } else if (metric.has_histogram()) {
      const bool is_delta = is_difference(metric.histogram().aggregation_temporality());
      for (const auto& point : metric.histogram().data_points())
        add_histogram(point, is_delta ? MetricKind::kDeltaHistogram : MetricKind::kCumulativeHistogram);
    } else if (metric.has_exponential_histogram() || metric.has_summary()) {
      // Nothing that is shown comes as one of these; sums and gauges say what is asked.
    } else {
      reject("metric " + metric.name() + " has no points of a kind that is known");
    }
  }

 private:
  static bool is_difference(metrics::AggregationTemporality temporality) {
    return temporality == metrics::AGGREGATION_TEMPORALITY_DELTA;
  }

  static bool is_without_value(std::uint32_t flags) {
    return (flags & metrics::DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK) != 0;
  }

  void add_number(const metrics::NumberDataPoint& from, MetricKind kind) {
    if (is_without_value(from.flags())) return;
    MetricPoint point = point_of(from, series_);
    point.series.kind = kind;
    point.value = from.has_as_int() ? static_cast<double>(from.as_int()) : from.as_double();
    if (!std::isfinite(point.value))
      return reject("metric " + series_.metric + " has a value that is no number");
    received_.points.push_back(std::move(point));
  }

  void add_histogram(const metrics::HistogramDataPoint& from, MetricKind kind) {
    if (is_without_value(from.flags())) return;
    const bool has_buckets = from.bucket_counts_size() > 0;
    if (has_buckets && from.bucket_counts_size() != from.explicit_bounds_size() + 1)
      return reject("metric " + series_.metric + " must have one bucket more than bounds");
    MetricPoint point = point_of(from, series_);
    point.series.kind = kind;
    point.value = std::isfinite(from.sum()) ? from.sum() : 0;
    point.count = from.count();
    point.bounds.assign(from.explicit_bounds().begin(), from.explicit_bounds().end());
    point.buckets.assign(from.bucket_counts().begin(), from.bucket_counts().end());
    received_.points.push_back(std::move(point));
  }

  void reject(std::string why) {
    if (received_.rejected++ == 0) received_.why = std::move(why);
  }

  Series series_;
  Received& received_;
};

}  // namespace

Received read(const collector::metrics::v1::ExportMetricsServiceRequest& request) {
  Received received;
  for (const metrics::ResourceMetrics& of_resource : request.resource_metrics()) {
    const KeyValues& attributes = of_resource.resource().attributes();
    Series series;
    series.service = find_text(attributes, "service.name");
    series.instance = find_text(attributes, "service.instance.id");
    // Two that do not say which they are must not become one: their counters would seem to begin anew by
    // turns.
    if (series.instance.empty())
      series.instance = std::to_string(std::hash<std::string>{}(of_resource.resource().SerializeAsString()));
    PointReader reader{series, received};
    for (const metrics::ScopeMetrics& of_scope : of_resource.scope_metrics())
      for (const metrics::Metric& metric : of_scope.metrics()) reader.add(metric);
  }
  return received;
}

}  // namespace waybill::otlp
