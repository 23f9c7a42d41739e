#include "waybill/exporters/metric_lines.h"

#include <array>
#include <cstdio>

#include "waybill/exporters/console_text.h"
#include "waybill/exporters/prometheus_labels.h"
#include "waybill/exporters/span_text.h"

namespace waybill::exporters {
namespace {

using telemetry::Metric;
using telemetry::MetricDescription;
using telemetry::MetricPoint;

std::string number_text(double number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.6g", number);
  return text.data();
}

// "count=3 sum=0.021 average=0.007".
std::string histogram_text(const MetricPoint& point) {
  std::string text = "count=" + std::to_string(point.count) + " sum=" + number_text(point.sum);
  if (point.count != 0) text += " average=" + number_text(point.sum / static_cast<double>(point.count));
  return text;
}

std::string value_text(const MetricDescription& description, const MetricPoint& point) {
  if (description.instrument == telemetry::InstrumentKind::kHistogram) return histogram_text(point);
  return description.is_integer ? std::to_string(point.integer) : number_text(point.number);
}

std::string attribute_text(std::span<const telemetry::Attribute> attributes) {
  std::string text;
  for (const telemetry::Attribute& one : attributes)
    text += " " + escaped(one.key) + "=" + escaped(prometheus_value(one.value));
  return text;
}

std::string line_of(const telemetry::Resource& resource, const MetricDescription& description,
                    const MetricPoint& point) {
  std::string line = time_of_day(point.time_unix_ns) + " " + escaped(service_name(resource)) + " METRIC " +
                     escaped(description.name) + " " + value_text(description, point);
  if (!description.unit.empty()) line += " " + escaped(description.unit);
  return line + attribute_text(point.attributes) + "\n";
}

}  // namespace

std::string metric_lines(const MetricSnapshots& snapshots) {
  std::string lines;
  for (const auto& snapshot : snapshots) {
    for (const Metric& metric : snapshot->metrics) {
      for (const MetricPoint& point : metric.points)
        lines += line_of(*snapshot->resource, *metric.description, point);
    }
  }
  return lines;
}

}  // namespace waybill::exporters
