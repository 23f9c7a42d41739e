#pragma once

#include <cstddef>
#include <cstdint>

#include "waybill/base/shared_word.h"
#include "waybill/context/rate_limiter.h"

// What the room remembers of topics, so that patterns are matched once and not for each message. In zeroed
// memory; thread-safe, without a lock.
namespace waybill::observe {

// Small answers by a key of 64 mixed bits. A slot holds one answer: the latest of those that share it.
class AnswerCache {
 public:
  static constexpr std::uint64_t kUnknown = ~std::uint64_t{0};

  // `answer` is below 255.
  void put(std::uint64_t key, std::uint64_t answer) {
    base::shared(slots_[key % kSlots]).store((key & kTag) | (answer + 1), std::memory_order_relaxed);
  }
  std::uint64_t get(std::uint64_t key) {
    const std::uint64_t slot = base::shared(slots_[key % kSlots]).load(std::memory_order_relaxed);
    return slot != 0 && (slot & kTag) == (key & kTag) ? (slot & ~kTag) - 1 : kUnknown;
  }

 private:
  static constexpr std::size_t kSlots = 4096;
  static constexpr std::uint64_t kTag = ~std::uint64_t{0xff};

  std::uint64_t slots_[kSlots];
};

// A rate limiter for each key, for so many keys; those that find no room share the last one.
class LimiterTable {
 public:
  // `key` is mixed and not 0.
  context::RateLimiter& of(std::uint64_t key) {
    for (std::size_t probe = 0; probe < kProbes; ++probe) {
      Slot& slot = slots_[(key + probe) % kSlots];
      std::uint64_t owner = base::shared(slot.key).load(std::memory_order_relaxed);
      if (owner == key) return slot.limiter;
      if (owner == 0 && base::shared(slot.key).compare_exchange_strong(owner, key)) return slot.limiter;
      if (owner == key) return slot.limiter;  // another thread was faster
    }
    return shared_by_the_rest_;
  }

 private:
  static constexpr std::size_t kSlots = 1024;
  static constexpr std::size_t kProbes = 64;

  struct Slot {
    std::uint64_t key;
    context::RateLimiter limiter;
  };
  Slot slots_[kSlots];
  context::RateLimiter shared_by_the_rest_;
};

}  // namespace waybill::observe
