#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "waybill/context/span_context.h"
#include "waybill/support/arena.h"
#include "waybill/telemetry/span.h"

// Metrics as exporters get them: what one host has counted since it began, as plain values.
namespace waybill::telemetry {

// OpenTelemetry specification, Metrics API. A counter only rises; an up-down counter's values can be added
// over hosts, a gauge's cannot.
enum class InstrumentKind : std::uint8_t { kCounter, kUpDownCounter, kGauge, kHistogram };

// What all points of a metric share. Lives as long as the program.
struct MetricDescription {
  std::string_view name;
  std::string_view unit;  // UCUM, as OpenTelemetry writes it: "s", "By", "{message}"
  std::string_view description;
  InstrumentKind instrument = InstrumentKind::kCounter;
  bool is_integer = true;               // of numbers; a histogram's sum is never one
  std::span<const double> bounds = {};  // of a histogram: upper bounds, inclusive, rising
  // Read now and then, and not added to with each event: "asynchronous" in the specification.
  bool observable = false;
};

// An event that one point counts, with the span that tells about it.
struct Exemplar {
  double value = 0;
  std::uint64_t time_unix_ns = 0;
  context::TraceId trace_id;
  context::SpanId span_id;
};

// One series at one moment. Cumulative: everything from `start_unix_ns` on.
struct MetricPoint {
  std::span<const Attribute> attributes;  // their order means nothing; no key stands twice
  std::uint64_t start_unix_ns = 0;        // of a gauge: 0
  std::uint64_t time_unix_ns = 0;
  std::int64_t integer = 0;                // of numbers with is_integer
  double number = 0;                       // of the other numbers
  std::uint64_t count = 0;                 // of histograms, as the two that follow
  double sum = 0;                          //
  std::span<const std::uint64_t> buckets;  // one more than there are bounds
  std::span<const Exemplar> exemplars;
};

struct Metric {
  const MetricDescription* description = nullptr;
  std::vector<MetricPoint> points;
};

// All metrics of one host at one moment. Shared because several exporters read it, each on its own thread;
// never changed after it was made.
struct MetricSnapshot {
  std::string source;  // names the process for as long as it lives, also over restarts of the collecting side
  std::shared_ptr<const Resource> resource;
  std::vector<Metric> metrics;
  bool last = false;  // the process has ended: these numbers are final
  Arena memory;       // of the points
};

}  // namespace waybill::telemetry
