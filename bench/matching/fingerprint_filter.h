// Variant P with a sampler: tells an acknowledgement whether its message was probably sampled. Bounded,
// thread-safe, lock-free. It never says no to a sampled message, but for an equal 32-bit fingerprint in the
// same bucket that was acknowledged first (about fifteen in four thousand million).
#pragma once

#include <sys/mman.h>

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

#include "bench/matching/records.h"

namespace bench::matching {

class FingerprintFilter {
 public:
  explicit FingerprintFilter(std::size_t buckets)
      : mask_(std::bit_ceil(buckets) - 1),
        buckets_(static_cast<Bucket*>(mmap(nullptr, bytes(), PROT_READ | PROT_WRITE,
                                           MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0))) {}
  ~FingerprintFilter() { munmap(buckets_, bytes()); }
  FingerprintFilter(const FingerprintFilter&) = delete;
  FingerprintFilter& operator=(const FingerprintFilter&) = delete;

  // False when the bucket is full.
  bool add(std::uint64_t pointer) {
    const std::uint64_t hash = mix(pointer);
    Bucket& bucket = buckets_[hash & mask_];
    for (auto& word : bucket.fingerprints) {
      std::uint32_t free = 0;
      if (word.load(std::memory_order_relaxed) == 0 &&
          word.compare_exchange_strong(free, fingerprint(hash), std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }

  // From now on all acknowledgements of this bucket count as sampled.
  void let_all_pass(std::uint64_t pointer) {
    buckets_[mix(pointer) & mask_].overflowed.store(1, std::memory_order_relaxed);
  }

  bool take(std::uint64_t pointer) {
    const std::uint64_t hash = mix(pointer);
    Bucket& bucket = buckets_[hash & mask_];
    for (auto& word : bucket.fingerprints) {
      std::uint32_t expected = fingerprint(hash);
      if (word.load(std::memory_order_relaxed) == expected &&
          word.compare_exchange_strong(expected, 0, std::memory_order_relaxed)) {
        return true;
      }
    }
    return bucket.overflowed.load(std::memory_order_relaxed) != 0;
  }

  std::size_t bytes() const { return (mask_ + 1) * sizeof(Bucket); }

 private:
  struct alignas(64) Bucket {
    std::array<std::atomic<std::uint32_t>, 15> fingerprints;
    std::atomic<std::uint32_t> overflowed;
  };
  static_assert(sizeof(Bucket) == 64);

  static std::uint32_t fingerprint(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32) | 1; }

  const std::size_t mask_;
  Bucket* buckets_;
};

}  // namespace bench::matching
