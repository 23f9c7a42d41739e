#pragma once

#include <absl/container/flat_hash_map.h>

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "waybill/telemetry/metric.h"
#include "waybill/telemetry/span.h"

namespace waybill::telemetry {

// What tells series of durations apart, as span and metric both know it.
struct DurationSeries {
  std::string operation;  // messaging.operation.name
  std::string topic;
  std::string group;
  std::string server;
  std::int64_t port = 0;
  std::string error;
  std::string partition = {};  // empty: not told apart

  auto parts() const { return std::tie(operation, topic, group, server, port, error, partition); }
  friend bool operator<(const DurationSeries& left, const DurationSeries& right) {
    return left.parts() < right.parts();
  }
};

// The newest span for each bucket of each series of durations: OpenTelemetry's exemplars, of sampled spans
// only
// ("TraceBased", specification, Metrics SDK, ExemplarFilter). Bounded. Owned by one thread.
class Exemplars {
 public:
  // `by_partition`: metrics tell partitions apart.
  explicit Exemplars(bool by_partition = false) : by_partition_{by_partition} {}

  // A span that goes to the exporters.
  void add(const Span& span);

  // Those of a series, in the order of their buckets; empty: no span belongs to it.
  std::vector<Exemplar> of(const DurationSeries& series) const;

 private:
  static constexpr std::size_t kBuckets = 15;  // of metrics::kDurationBounds
  static constexpr std::size_t kMostSeries = 2'000;
  static constexpr std::size_t kMostShapes = 16'384;
  using Buckets = std::array<Exemplar, kBuckets>;

  Buckets* buckets_of(const SpanShape& shape);

  bool by_partition_;
  std::map<DurationSeries, Buckets> series_;
  absl::flat_hash_map<std::uint64_t, Buckets*> shapes_;  // by their id; null: no room for its series
  std::uint64_t last_shape_ = 0;
  Buckets* last_buckets_ = nullptr;
};

}  // namespace waybill::telemetry
