#include "waybill/exporters/prometheus_text.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <map>
#include <string_view>

#include "waybill/exporters/prometheus_labels.h"
#include "waybill/exporters/prometheus_names.h"
#include "waybill/exporters/sound_text.h"
#include "waybill/exporters/span_text.h"
#include "waybill/support/version.h"

namespace waybill::exporters {
namespace {

using telemetry::Attribute;
using telemetry::Exemplar;
using telemetry::InstrumentKind;
using telemetry::Metric;
using telemetry::MetricDescription;
using telemetry::MetricPoint;

std::string_view type_of(InstrumentKind instrument) {
  switch (instrument) {
    case InstrumentKind::kCounter:
      return "counter";
    case InstrumentKind::kUpDownCounter:
    case InstrumentKind::kGauge:
      return "gauge";
    case InstrumentKind::kHistogram:
      return "histogram";
  }
  return "unknown";
}

std::string escaped_help(std::string_view text) {
  std::string help;
  for (const char c : SoundText{text}.view()) {
    if (c == '\\') {
      help += "\\\\";
    } else if (c == '\n') {
      help += "\\n";
    } else {
      help += c;
    }
  }
  return help;
}

// " # {trace_id=…} 0.012 1700000000.123", after a sample. Empty: there is none.
std::string exemplar_text(const Exemplar* exemplar) {
  if (exemplar == nullptr) return {};
  std::array<char, 48> time{};
  std::snprintf(time.data(), time.size(), "%llu.%03u",
                static_cast<unsigned long long>(exemplar->time_unix_ns / 1'000'000'000),
                static_cast<unsigned>(exemplar->time_unix_ns / 1'000'000 % 1'000));
  return " # {" + prometheus_pair("trace_id", hex_text(exemplar->trace_id)) + "," +
         prometheus_pair("span_id", hex_text(exemplar->span_id)) + "} " + prometheus_number(exemplar->value) +
         " " + time.data();
}

// The one with the largest value above `lower` and not above `upper`; null: there is none.
const Exemplar* largest_exemplar(std::span<const Exemplar> exemplars, double lower, double upper) {
  const Exemplar* largest = nullptr;
  for (const Exemplar& one : exemplars) {
    const bool is_inside = one.value > lower && one.value <= upper;
    if (is_inside && (largest == nullptr || one.value > largest->value)) largest = &one;
  }
  return largest;
}

// What one metric has on the page, of all targets.
class Family {
 public:
  Family(const MetricDescription& description, PrometheusFormat format)
      : type_{type_of(description.instrument)},
        is_open_{format == PrometheusFormat::kOpenMetrics},
        name_{prometheus_name(description)} {
    // The older format calls a counter's family as its samples; OpenMetrics does not.
    const std::string family = name_ + (is_counter() && !is_open_ ? "_total" : "");
    const std::string unit = prometheus_unit(description);
    text_ = "# TYPE " + family + " " + std::string{type_} + "\n";
    if (is_open_ && !unit.empty()) text_ += "# UNIT " + family + " " + unit + "\n";
    text_ += "# HELP " + family + " " + escaped_help(description.description) + "\n";
  }

  std::string_view type() const { return type_; }
  const std::string& text() const { return text_; }

  void add(const Metric& metric, const std::string& target_labels) {
    for (const MetricPoint& point : metric.points) {
      const std::string pairs = prometheus_pairs(point.attributes);
      std::string labels = pairs;
      if (!labels.empty()) labels += ',';
      labels += target_labels;
      if (metric.description->instrument == InstrumentKind::kHistogram) {
        add_histogram(*metric.description, point, labels);
      } else {
        add_number(*metric.description, point, labels);
      }
    }
  }

 private:
  bool is_counter() const { return type_ == "counter"; }

  void add_number(const MetricDescription& description, const MetricPoint& point, const std::string& labels) {
    constexpr double kAny = std::numeric_limits<double>::infinity();
    const std::string value =
        description.is_integer ? std::to_string(point.integer) : prometheus_number(point.number);
    sample(is_counter() ? "_total" : "", labels, value,
           is_counter() ? largest_exemplar(point.exemplars, -kAny, kAny) : nullptr);
  }

  void add_histogram(const MetricDescription& description, const MetricPoint& point,
                     const std::string& labels) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    std::uint64_t count = 0;
    double lower = -kInfinity;
    for (std::size_t at = 0; at < point.buckets.size(); ++at) {
      double upper = kInfinity;
      if (at < description.bounds.size()) upper = description.bounds[at];
      count += point.buckets[at];
      sample("_bucket", labels + "," + prometheus_pair("le", prometheus_number(upper)), std::to_string(count),
             largest_exemplar(point.exemplars, lower, upper));
      lower = upper;
    }
    sample("_sum", labels, prometheus_number(point.sum), nullptr);
    sample("_count", labels, std::to_string(point.count), nullptr);
  }

  void sample(std::string_view ending, const std::string& labels, const std::string& value,
              const Exemplar* exemplar) {
    text_ += name_;
    text_ += ending;
    text_ += '{' + labels + "} " + value;
    if (is_open_) text_ += exemplar_text(exemplar);
    text_ += '\n';
  }

  std::string_view type_;
  bool is_open_;
  std::string name_;
  std::string text_;
};

bool is_part_of_identity(const Attribute& attribute) {
  return attribute.key == "service.name" || attribute.key == "service.namespace" ||
         attribute.key == "service.instance.id";
}

std::string identity_of(const PrometheusTarget& target) {
  return prometheus_pair("instance", target.instance) + "," + prometheus_pair("job", target.job);
}

std::string target_info(const std::vector<PrometheusTarget>& targets, PrometheusFormat format) {
  std::string text = format == PrometheusFormat::kOpenMetrics
                         ? "# TYPE target info\n# HELP target "
                         : "# TYPE target_info gauge\n# HELP target_info ";
  text += "What is known of the program.\n";
  for (const PrometheusTarget& target : targets) {
    std::vector<Attribute> others;
    for (const Attribute& one : target.snapshot->resource->attributes) {
      if (!is_part_of_identity(one)) others.push_back(one);
    }
    const std::string pairs = prometheus_pairs(others);
    text += "target_info{" + pairs + (pairs.empty() ? "" : ",") + identity_of(target) + "} 1\n";
  }
  return text;
}

const telemetry::AttributeValue* find(const telemetry::Resource& resource, std::string_view key) {
  const auto& attributes = resource.attributes;
  const auto found = std::find_if(attributes.begin(), attributes.end(),
                                  [&](const Attribute& one) { return one.key == key; });
  return found == attributes.end() ? nullptr : &found->value;
}

}  // namespace

const char* content_type(PrometheusFormat format) {
  return format == PrometheusFormat::kOpenMetrics
             ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
             : "text/plain; version=0.0.4; charset=utf-8";
}

std::string prometheus_text(const std::vector<PrometheusTarget>& targets, PrometheusFormat format) {
  const std::string scope = prometheus_pair("otel_scope_name", telemetry::kScopeName) + "," +
                            prometheus_pair("otel_scope_version", kVersion);
  std::map<std::string, Family> families;
  for (const PrometheusTarget& target : targets) {
    const std::string labels = identity_of(target) + "," + scope;
    for (const Metric& metric : target.snapshot->metrics) {
      if (metric.points.empty()) continue;
      const auto place =
          families.try_emplace(prometheus_name(*metric.description), *metric.description, format).first;
      if (place->second.type() == type_of(metric.description->instrument)) place->second.add(metric, labels);
    }
  }
  std::string text;
  if (!targets.empty()) text += target_info(targets, format);
  for (const auto& [name, family] : families) text += family.text();
  if (format == PrometheusFormat::kOpenMetrics) text += "# EOF\n";
  return text;
}

std::string job_of(const telemetry::Resource& resource) {
  const auto* space = find(resource, "service.namespace");
  const auto* name = find(resource, "service.name");
  return (space == nullptr ? "" : prometheus_value(*space) + "/") +
         (name == nullptr ? "" : prometheus_value(*name));
}

std::string instance_of(const telemetry::MetricSnapshot& snapshot) {
  const auto* instance = find(*snapshot.resource, "service.instance.id");
  return instance == nullptr ? snapshot.source : prometheus_value(*instance);
}

}  // namespace waybill::exporters
