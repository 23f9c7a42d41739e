#include "waybill/analysis/latency_histogram.h"

#include <algorithm>
#include <cmath>

namespace waybill::analysis {
namespace {

// A bucket's middle is off by no more than 4 %: its bounds are this factor apart.
constexpr double kGrowth = 1.04 / 0.96;
// The upper bound of the first bucket. All that is shorter is in it.
constexpr double kLowestMs = 0.001;

std::uint16_t index_of(double ms) {
  if (ms <= kLowestMs) return 0;
  const double index = std::ceil(std::log(ms / kLowestMs) / std::log(kGrowth));
  return static_cast<std::uint16_t>(std::min(index, static_cast<double>(LatencyHistogram::kMostBuckets - 1)));
}

// The value that is as far from one bound, in proportion, as from the other.
double middle_of(std::uint16_t index) {
  if (index == 0) return kLowestMs;
  return kLowestMs * std::pow(kGrowth, index) * 2 / (1 + kGrowth);
}

}  // namespace

void LatencyHistogram::add(double ms, double weight) {
  if (!std::isfinite(ms) || !std::isfinite(weight) || weight <= 0) return;
  ms = std::max(ms, 0.0);
  add_to_bucket(index_of(ms), weight);
  sum_ms_ += ms * weight;
}

void LatencyHistogram::merge(const LatencyHistogram& other) {
  std::vector<Bucket> merged;
  merged.reserve(buckets_.size() + other.buckets_.size());
  auto ours = buckets_.begin();
  auto theirs = other.buckets_.begin();
  while (ours != buckets_.end() || theirs != other.buckets_.end()) {
    const bool is_ours_next =
        theirs == other.buckets_.end() || (ours != buckets_.end() && ours->index <= theirs->index);
    const Bucket& next = is_ours_next ? *ours++ : *theirs++;
    if (!merged.empty() && merged.back().index == next.index) {
      merged.back().weight += next.weight;
    } else {
      merged.push_back(next);
    }
  }
  buckets_ = std::move(merged);
  sum_ms_ += other.sum_ms_;
}

double LatencyHistogram::count() const {
  double count = 0;
  for (const Bucket& bucket : buckets_) count += bucket.weight;
  return count;
}

std::optional<double> LatencyHistogram::mean_ms() const {
  if (empty()) return std::nullopt;
  return sum_ms_ / count();
}

std::optional<double> LatencyHistogram::percentile(double fraction) const {
  if (empty()) return std::nullopt;
  const double rank = std::clamp(fraction, 0.0, 1.0) * count();
  double below = 0;
  for (const Bucket& bucket : buckets_) {
    below += bucket.weight;
    if (below >= rank) return middle_of(bucket.index);
  }
  return middle_of(buckets_.back().index);
}

std::optional<Percentiles> LatencyHistogram::percentiles() const {
  if (empty()) return std::nullopt;
  return Percentiles{
      .p50_ms = *percentile(0.5), .p95_ms = *percentile(0.95), .p99_ms = *percentile(0.99), .count = count()};
}

LatencyHistogram LatencyHistogram::from_parts(std::span<const Bucket> buckets, double sum_ms) {
  LatencyHistogram histogram;
  for (const Bucket& bucket : buckets) {
    const bool can_be = bucket.index < kMostBuckets && std::isfinite(bucket.weight) && bucket.weight > 0;
    if (can_be) histogram.add_to_bucket(bucket.index, bucket.weight);
  }
  if (std::isfinite(sum_ms) && sum_ms > 0) histogram.sum_ms_ = sum_ms;
  return histogram;
}

void LatencyHistogram::add_to_bucket(std::uint16_t index, double weight) {
  const auto at =
      std::lower_bound(buckets_.begin(), buckets_.end(), index,
                       [](const Bucket& bucket, std::uint16_t wanted) { return bucket.index < wanted; });
  if (at != buckets_.end() && at->index == index) {
    at->weight += weight;
  } else {
    buckets_.insert(at, {.index = index, .weight = weight});
  }
}

}  // namespace waybill::analysis
