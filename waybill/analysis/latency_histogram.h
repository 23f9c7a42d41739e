#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace waybill::analysis {

// p50, p95 and p99 in milliseconds, and of how much.
struct Percentiles {
  double p50_ms = 0;
  double p95_ms = 0;
  double p99_ms = 0;
  double count = 0;
};

// How long something took, in buckets that grow by the same factor: a percentile is off by at most 4 %, from
// a microsecond to eleven days; what lies beyond counts as these. Bounded: at most kMostBuckets of 16 bytes.
// Can be merged and taken apart into its buckets, which is how it is stored. A value; thread-compatible.
class LatencyHistogram {
 public:
  struct Bucket {
    std::uint16_t index = 0;
    double weight = 0;
    friend bool operator==(const Bucket&, const Bucket&) = default;
  };
  static constexpr std::size_t kMostBuckets = 360;

  // `weight`: how many this one stands for. What is below zero counts as zero; NaN, infinity and weights that
  // are not above zero are ignored.
  void add(double ms, double weight = 1);
  void merge(const LatencyHistogram& other);

  bool empty() const { return buckets_.empty(); }
  double count() const;
  double sum_ms() const { return sum_ms_; }
  std::optional<double> mean_ms() const;                    // none: empty
  std::optional<double> percentile(double fraction) const;  // 0.95; none: empty
  std::optional<Percentiles> percentiles() const;           // none: empty

  // For storing: from_parts(buckets(), sum_ms()) is the same histogram again. Buckets with an index or a
  // weight that cannot be are ignored.
  std::span<const Bucket> buckets() const { return buckets_; }
  static LatencyHistogram from_parts(std::span<const Bucket> buckets, double sum_ms);

 private:
  void add_to_bucket(std::uint16_t index, double weight);

  std::vector<Bucket> buckets_;  // sorted, each with a weight
  double sum_ms_ = 0;
};

}  // namespace waybill::analysis
