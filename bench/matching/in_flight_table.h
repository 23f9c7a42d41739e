// Variant T: what the host remembers of a message until its acknowledgement. Bounded, in shared memory.
// Thread-safe and lock-free. librdkafka's own queues order on_send before on_acknowledgement.
//
// A bucket is one cache line of fingerprints, apart from the entries: one line answers "not ours". A full
// bucket spills into the next one and says so for ever; there are no tombstones.
#pragma once

#include <sys/mman.h>

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

#include "bench/matching/records.h"

namespace bench::matching {

class InFlightTable {
 public:
  // `slots` is rounded up to a power of two. About half of them can be used before buckets overflow.
  explicit InFlightTable(std::size_t slots)
      : mask_(std::bit_ceil(slots) / 16 - 1),
        buckets_(static_cast<Bucket*>(map(bucket_bytes()))),
        entries_(static_cast<SendFacts*>(map(entry_bytes()))) {}
  ~InFlightTable() {
    munmap(buckets_, bucket_bytes());
    munmap(entries_, entry_bytes());
  }
  InFlightTable(const InFlightTable&) = delete;
  InFlightTable& operator=(const InFlightTable&) = delete;

  // False when two neighbouring buckets are full: the span is dropped, the caller counts it.
  bool remember(const SendFacts& sent) {
    const std::uint64_t hash = mix(sent.pointer);
    const std::size_t home = hash & mask_;
    if (remember_in(home, fingerprint(hash), sent)) return true;
    buckets_[home].spilled.store(1, std::memory_order_relaxed);
    return remember_in((home + 1) & mask_, fingerprint(hash), sent);
  }

  // Moves the entry to `sent` and frees its slot. False: not ours, so the message must not be touched.
  bool take(std::uint64_t pointer, SendFacts& sent) {
    const std::uint64_t hash = mix(pointer);
    const std::size_t home = hash & mask_;
    if (take_from(home, fingerprint(hash), pointer, sent)) return true;
    if (buckets_[home].spilled.load(std::memory_order_relaxed) == 0) return false;
    return take_from((home + 1) & mask_, fingerprint(hash), pointer, sent);
  }

  // Ends what a client left behind. Thread: any, after all threads of that client are joined.
  template <typename Visit>
  std::size_t sweep(std::uint32_t client, Visit visit) {
    std::size_t swept = 0;
    for (std::size_t bucket = 0; bucket <= mask_; ++bucket) {
      for (std::size_t slot = 0; slot < kSlots; ++slot) {
        auto& word = buckets_[bucket].fingerprints[slot];
        const SendFacts& entry = entries_[bucket * kSlots + slot];
        if (word.load(std::memory_order_acquire) <= kBusy || entry.client != client) continue;
        visit(entry);
        word.store(kFree, std::memory_order_release);
        ++swept;
      }
    }
    return swept;
  }

  std::size_t bytes() const { return bucket_bytes() + entry_bytes(); }

 private:
  static constexpr std::size_t kSlots = 15;
  static constexpr std::uint32_t kFree = 0;
  static constexpr std::uint32_t kBusy = 1;

  struct alignas(64) Bucket {
    std::array<std::atomic<std::uint32_t>, kSlots> fingerprints;
    std::atomic<std::uint32_t> spilled;
  };
  static_assert(sizeof(Bucket) == 64);

  static void* map(std::size_t bytes) {
    return mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  }
  static std::uint32_t fingerprint(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32) | 2; }
  std::size_t bucket_bytes() const { return (mask_ + 1) * sizeof(Bucket); }
  std::size_t entry_bytes() const { return (mask_ + 1) * kSlots * sizeof(SendFacts); }

  bool remember_in(std::size_t bucket, std::uint32_t print, const SendFacts& sent) {
    for (std::size_t slot = 0; slot < kSlots; ++slot) {
      auto& word = buckets_[bucket].fingerprints[slot];
      std::uint32_t free = word.load(std::memory_order_relaxed);
      if (free != kFree || !word.compare_exchange_strong(free, kBusy, std::memory_order_acquire)) continue;
      entries_[bucket * kSlots + slot] = sent;
      word.store(print, std::memory_order_release);
      return true;
    }
    return false;
  }

  // Only the acknowledgement of this pointer may free the slot, so the entry is stable once the pointer is equal;
  // a foreign entry with an equal fingerprint may change under the comparison, hence the atomic read.
  bool take_from(std::size_t bucket, std::uint32_t print, std::uint64_t pointer, SendFacts& sent) {
    for (std::size_t slot = 0; slot < kSlots; ++slot) {
      auto& word = buckets_[bucket].fingerprints[slot];
      if (word.load(std::memory_order_acquire) != print) continue;
      SendFacts& entry = entries_[bucket * kSlots + slot];
      if (std::atomic_ref(entry.pointer).load(std::memory_order_relaxed) != pointer) continue;
      sent = entry;
      word.store(kFree, std::memory_order_release);
      return true;
    }
    return false;
  }

  const std::size_t mask_;
  Bucket* buckets_;
  SendFacts* entries_;
};

}  // namespace bench::matching
