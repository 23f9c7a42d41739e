#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace waybill::evidence {

enum class MetricKind : std::uint8_t {
  kGauge = 0,
  kCumulativeSum = 1,
  kDeltaSum = 2,
  kCumulativeHistogram = 3,
  kDeltaHistogram = 4
};

// What a metric's numbers are of. Attributes that Kafka's questions ask for have a member of their own.
struct Series {
  std::string metric = {};
  MetricKind kind = MetricKind::kGauge;
  std::string service = {};
  std::string instance = {};
  std::string topic = {};       // empty: none
  std::int32_t partition = -1;  // -1: none
  std::string group = {};
  std::string operation = {};  // messaging.operation.name
  std::string error_type = {};
  std::string others = {};  // NAME=value of all other attributes, sorted, a newline between two

  friend auto operator<=>(const Series&, const Series&) = default;
};

// One number of a series, or one histogram. Times are nanoseconds since 1970.
struct MetricPoint {
  Series series = {};
  std::int64_t start_ns = 0;  // since when a sum or a histogram counts; 0: not said
  std::int64_t time_ns = 0;
  double value = 0;  // of a histogram: the sum
  std::uint64_t count = 0;
  std::vector<double> bounds = {};
  std::vector<std::uint64_t> buckets = {};  // one more than bounds
};

}  // namespace waybill::evidence
