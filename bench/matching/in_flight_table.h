// Variant T: what the host remembers of a message until its acknowledgement. Bounded, open addressing, in
// shared memory. Thread-safe and lock-free. librdkafka's own queues order on_send before on_acknowledgement.
//
// The keys lie apart from the entries: one cache line of eight keys answers "not ours" in most cases. A look-up
// always reads the same window of keys, so removal needs no tombstones.
#pragma once

#include <sys/mman.h>

#include <atomic>
#include <bit>
#include <cstdint>

#include "bench/matching/records.h"

namespace bench::matching {

class InFlightTable {
 public:
  // `slots` is rounded up to a power of two. About half of them can be used before a window fills up.
  explicit InFlightTable(std::size_t slots)
      : mask_(std::bit_ceil(slots) - 1),
        keys_(static_cast<std::atomic<std::uint64_t>*>(map(key_bytes()))),
        entries_(static_cast<SendFacts*>(map(entry_bytes()))) {}
  ~InFlightTable() {
    munmap(keys_, key_bytes());
    munmap(entries_, entry_bytes());
  }
  InFlightTable(const InFlightTable&) = delete;
  InFlightTable& operator=(const InFlightTable&) = delete;

  // False when the window is full: the span is dropped, the caller counts it.
  bool remember(const SendFacts& sent) {
    const std::size_t first = window_of(sent.pointer);
    for (std::size_t step = 0; step < kWindow; ++step) {
      const std::size_t slot = (first + step) & mask_;
      std::uint64_t key = keys_[slot].load(std::memory_order_relaxed);
      if (key != kFree || !keys_[slot].compare_exchange_strong(key, kBusy, std::memory_order_acquire)) continue;
      entries_[slot] = sent;
      keys_[slot].store(sent.pointer, std::memory_order_release);
      return true;
    }
    return false;
  }

  // Moves the entry to `sent` and frees its slot. False: not ours, so the message must not be touched.
  bool take(std::uint64_t pointer, SendFacts& sent) {
    const std::size_t first = window_of(pointer);
    for (std::size_t step = 0; step < kWindow; ++step) {
      const std::size_t slot = (first + step) & mask_;
      if (keys_[slot].load(std::memory_order_acquire) != pointer) continue;
      sent = entries_[slot];
      keys_[slot].store(kFree, std::memory_order_release);
      return true;
    }
    return false;
  }

  // Ends what a client left behind. Thread: any, after all threads of that client are joined.
  template <typename Visit>
  std::size_t sweep(std::uint32_t client, Visit visit) {
    std::size_t swept = 0;
    for (std::size_t slot = 0; slot <= mask_; ++slot) {
      if (keys_[slot].load(std::memory_order_acquire) <= kBusy || entries_[slot].client != client) continue;
      visit(entries_[slot]);
      keys_[slot].store(kFree, std::memory_order_release);
      ++swept;
    }
    return swept;
  }

  std::size_t bytes() const { return key_bytes() + entry_bytes(); }

 private:
  static constexpr std::uint64_t kFree = 0;
  static constexpr std::uint64_t kBusy = 1;
  static constexpr std::size_t kKeysPerLine = 8;
  static constexpr std::size_t kWindow = 4 * kKeysPerLine;

  static void* map(std::size_t bytes) {
    return mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  }
  std::size_t key_bytes() const { return (mask_ + 1) * sizeof(std::uint64_t); }
  std::size_t entry_bytes() const { return (mask_ + 1) * sizeof(SendFacts); }
  std::size_t window_of(std::uint64_t pointer) const { return mix(pointer) & mask_ & ~(kKeysPerLine - 1); }

  const std::size_t mask_;
  std::atomic<std::uint64_t>* keys_;
  SendFacts* entries_;
};

}  // namespace bench::matching
