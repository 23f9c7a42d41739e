#include "waybill/exporters/otlp_json_metric_encoder.h"

#include <utility>

#include "waybill/exporters/otlp_json_values.h"
#include "waybill/exporters/span_text.h"
#include "waybill/exporters/temporality.h"

namespace waybill::exporters {
namespace {

using Json = nlohmann::ordered_json;
using telemetry::InstrumentKind;
using telemetry::Metric;
using telemetry::MetricDescription;
using telemetry::MetricPoint;

// The numbers of opentelemetry.proto.metrics.v1.AggregationTemporality.
constexpr int kDelta = 1;
constexpr int kCumulative = 2;

Json exemplar_object(const telemetry::Exemplar& exemplar, bool is_integer) {
  Json object;
  object["timeUnixNano"] = std::to_string(exemplar.time_unix_ns);
  if (is_integer) {
    object["asInt"] = std::to_string(static_cast<std::int64_t>(exemplar.value));
  } else {
    object["asDouble"] = otlp_json_double(exemplar.value);
  }
  object["spanId"] = hex_text(exemplar.span_id);
  object["traceId"] = hex_text(exemplar.trace_id);
  return object;
}

void put_shared(Json& object, const MetricPoint& point, bool is_integer) {
  for (const telemetry::Exemplar& one : point.exemplars)
    object["exemplars"].push_back(exemplar_object(one, is_integer));
  if (!point.attributes.empty()) object["attributes"] = otlp_json_attributes(point.attributes);
}

Json point_object(const MetricPoint& point) {
  Json object;
  if (point.start_unix_ns != 0) object["startTimeUnixNano"] = std::to_string(point.start_unix_ns);
  object["timeUnixNano"] = std::to_string(point.time_unix_ns);
  return object;
}

Json number_object(const MetricPoint& point, bool is_integer) {
  Json object = point_object(point);
  if (is_integer) {
    object["asInt"] = std::to_string(point.integer);
  } else {
    object["asDouble"] = otlp_json_double(point.number);
  }
  put_shared(object, point, is_integer);
  return object;
}

Json histogram_object(const MetricPoint& point, const MetricDescription& description) {
  Json object = point_object(point);
  object["count"] = std::to_string(point.count);
  object["sum"] = otlp_json_double(point.sum);
  for (const std::uint64_t bucket : point.buckets) object["bucketCounts"].push_back(std::to_string(bucket));
  for (const double bound : description.bounds) object["explicitBounds"].push_back(bound);
  put_shared(object, point, false);
  return object;
}

const char* name_of(InstrumentKind instrument) {
  switch (instrument) {
    case InstrumentKind::kCounter:
    case InstrumentKind::kUpDownCounter:
      return "sum";
    case InstrumentKind::kGauge:
      return "gauge";
    case InstrumentKind::kHistogram:
      return "histogram";
  }
  return "gauge";
}

Json metric_object(const Metric& metric, bool delta) {
  const MetricDescription& description = *metric.description;
  Json points = Json::array();
  for (const MetricPoint& point : metric.points) {
    points.push_back(description.instrument == InstrumentKind::kHistogram
                         ? histogram_object(point, description)
                         : number_object(point, description.is_integer));
  }
  Json object;
  object["name"] = description.name;
  if (!description.description.empty()) object["description"] = description.description;
  if (!description.unit.empty()) object["unit"] = description.unit;
  Json& content = object[name_of(description.instrument)];
  content["dataPoints"] = std::move(points);
  if (description.instrument != InstrumentKind::kGauge)
    content["aggregationTemporality"] = delta ? kDelta : kCumulative;
  if (description.instrument == InstrumentKind::kCounter) content["isMonotonic"] = true;
  return object;
}

Json resource_metrics(const telemetry::MetricSnapshot& snapshot,
                      configure::TemporalityPreference preference) {
  Json metrics = Json::array();
  for (const Metric& one : snapshot.metrics) {
    if (!one.points.empty()) metrics.push_back(metric_object(one, is_delta(preference, *one.description)));
  }
  return otlp_json_in_scope(*snapshot.resource, {.scopes = "scopeMetrics", .items = "metrics"},
                            std::move(metrics));
}

}  // namespace

std::string otlp_json(const MetricSnapshots& snapshots, configure::TemporalityPreference preference) {
  Json request;
  request["resourceMetrics"] = Json::array();
  for (const auto& snapshot : snapshots)
    request["resourceMetrics"].push_back(resource_metrics(*snapshot, preference));
  return request.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace waybill::exporters
