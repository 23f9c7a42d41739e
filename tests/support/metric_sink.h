#pragma once

#include <httplib.h>
#include <opentelemetry/proto/collector/metrics/v1/metrics_service.pb.h>

#include <fstream>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

// The part of otlp-sink that receives metrics. It writes one JSON object for each point to a file of its own
// and keeps its requests apart from those of spans. Thread-safe.
class MetricSink {
 public:
  using Json = nlohmann::ordered_json;
  using Attributes = google::protobuf::RepeatedPtrField<opentelemetry::proto::common::v1::KeyValue>;
  using ToJson = std::function<Json(const Attributes&)>;

  MetricSink(const std::string& output, ToJson attributes)
      : attributes_{std::move(attributes)}, output_{output, std::ios::app} {}

  void receive(const httplib::Request& request, httplib::Response& response) {
    opentelemetry::proto::collector::metrics::v1::ExportMetricsServiceRequest message;
    const bool sound = message.ParseFromString(request.body);
    response.status = sound ? 200 : 400;
    response.set_content(
        opentelemetry::proto::collector::metrics::v1::ExportMetricsServiceResponse{}.SerializeAsString(),
        "application/x-protobuf");
    std::string lines;
    for (const auto& resource : message.resource_metrics()) {
      for (const auto& scope : resource.scope_metrics()) {
        for (const auto& metric : scope.metrics())
          lines += lines_of(
              metric, {{"resource", attributes_(resource.resource().attributes())},
                       {"schema_url", scope.schema_url()},
                       {"scope", {{"name", scope.scope().name()}, {"version", scope.scope().version()}}}});
      }
    }
    Json headers = Json::object();
    for (const auto& [name, value] : request.headers) headers[name] = value;
    const std::scoped_lock lock{mutex_};
    output_ << lines << std::flush;
    requests_.push_back({{"path", request.path}, {"headers", headers}, {"sound", sound}});
  }

  void tell(httplib::Response& response) {
    const std::scoped_lock lock{mutex_};
    response.set_content(requests_.dump(), "application/json");
  }

 private:
  using Metric = opentelemetry::proto::metrics::v1::Metric;

  std::string lines_of(const Metric& metric, const Json& origin) {
    std::string lines;
    Json shared{{"name", metric.name()}, {"unit", metric.unit()}};
    for (const auto& point : metric.gauge().data_points()) {
      shared["kind"] = "gauge";
      lines += line_of(number_of(shared, point), origin);
    }
    for (const auto& point : metric.sum().data_points()) {
      shared["kind"] = metric.sum().is_monotonic() ? "counter" : "up_down_counter";
      shared["temporality"] = temporality_of(metric.sum());
      lines += line_of(number_of(shared, point), origin);
    }
    for (const auto& point : metric.histogram().data_points()) {
      shared["kind"] = "histogram";
      shared["temporality"] = temporality_of(metric.histogram());
      Json json = point_of(shared, point);
      json["count"] = point.count();
      json["sum"] = point.sum();
      json["buckets"] = point.bucket_counts();
      json["bounds"] = point.explicit_bounds();
      lines += line_of(std::move(json), origin);
    }
    return lines;
  }

  static std::string line_of(Json json, const Json& origin) {
    json.update(origin);
    return json.dump() + "\n";
  }

  template <typename Content>
  static const char* temporality_of(const Content& content) {
    using namespace opentelemetry::proto::metrics::v1;
    return content.aggregation_temporality() == AGGREGATION_TEMPORALITY_DELTA ? "delta" : "cumulative";
  }

  template <typename Point>
  Json number_of(const Json& shared, const Point& point) {
    Json json = point_of(shared, point);
    if (point.value_case() == Point::kAsInt) {
      json["value"] = point.as_int();
    } else {
      json["value"] = point.as_double();
    }
    return json;
  }

  template <typename Point>
  Json point_of(const Json& shared, const Point& point) {
    Json json = shared;
    json["attributes"] = attributes_(point.attributes());
    json["start_ns"] = point.start_time_unix_nano();
    json["time_ns"] = point.time_unix_nano();
    json["exemplars"] = point.exemplars_size();
    return json;
  }

  const ToJson attributes_;
  std::mutex mutex_;
  std::ofstream output_;  // these are guarded by mutex_
  Json requests_ = Json::array();
};
