// A pool of 64 KiB chunks in one 16 MiB shared mapping. Any thread writes: it borrows a chunk for one record
// and gives it back with the store that publishes. One reader drains. Thread-safe, lock-free, never waits.
//
// Positions only rise: generation in the high bits, offset in the low 16. `committed` is written by whoever
// borrows the chunk, `drained` by the reader alone. A full chunk starts a new generation once it is drained.
#pragma once

#include <sys/mman.h>

#include <atomic>
#include <cstdint>
#include <cstring>

#include "bench/matching/records.h"

namespace bench::matching {

class ChunkRing {
 public:
  static constexpr std::size_t kChunkSize = 64 * 1024;
  static constexpr std::size_t kChunkCount = 256;
  static constexpr std::size_t kBytes = kChunkSize * kChunkCount;

  ChunkRing()
      : chunks_(static_cast<Chunk*>(mmap(nullptr, kBytes, PROT_READ | PROT_WRITE,
                                         MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0))) {}
  ~ChunkRing() { munmap(chunks_, kBytes); }
  ChunkRing(const ChunkRing&) = delete;
  ChunkRing& operator=(const ChunkRing&) = delete;

  // False when every chunk is full or borrowed: the record is dropped, the caller counts it.
  template <typename Record>
  bool write(const Record& record) {
    thread_local std::uint32_t last_chunk = 0;
    thread_local std::uint32_t skip_searches = 0;
    if (write_to(chunks_[last_chunk], record)) return true;
    // A full ring would cost one search for each record: look again only now and then.
    if (skip_searches > 0) return --skip_searches, false;
    for (std::uint32_t step = 1; step < kChunkCount; ++step) {
      const std::uint32_t candidate = (last_chunk + step) % kChunkCount;
      if (!write_to(chunks_[candidate], record)) continue;
      last_chunk = candidate;
      return true;
    }
    skip_searches = 64;
    return false;
  }

  // Calls visit(head) for each record that is new. Thread: the reader only.
  template <typename Visit>
  void drain(Visit visit) {
    for (std::size_t index = 0; index < kChunkCount; ++index) drain_chunk(chunks_[index], visit);
  }

 private:
  struct Chunk {
    alignas(64) std::atomic<std::uint32_t> borrowed;
    std::atomic<std::uint64_t> committed;
    alignas(64) std::atomic<std::uint64_t> drained;
    alignas(64) std::byte records[kChunkSize - 128];
  };
  static_assert(sizeof(Chunk) == kChunkSize);

  static std::uint64_t offset_of(std::uint64_t position) { return position & 0xFFFF; }
  static std::uint64_t next_generation(std::uint64_t position) { return (position | 0xFFFF) + 1; }

  static bool has_room(const Chunk& chunk, std::uint64_t committed, std::size_t size) {
    return offset_of(committed) + size <= sizeof(chunk.records) ||
           chunk.drained.load(std::memory_order_acquire) == committed;
  }

  template <typename Record>
  static bool write_to(Chunk& chunk, const Record& record) {
    if (!has_room(chunk, chunk.committed.load(std::memory_order_relaxed), sizeof(record))) return false;
    std::uint32_t free = 0;
    if (!chunk.borrowed.compare_exchange_strong(free, 1, std::memory_order_acquire)) return false;
    const bool written = append(chunk, record);
    chunk.borrowed.store(0, std::memory_order_release);
    return written;
  }

  template <typename Record>
  static bool append(Chunk& chunk, const Record& record) {
    std::uint64_t position = chunk.committed.load(std::memory_order_relaxed);
    if (!has_room(chunk, position, sizeof(record))) return false;
    if (offset_of(position) + sizeof(record) > sizeof(chunk.records)) position = next_generation(position);
    std::memcpy(chunk.records + offset_of(position), &record, sizeof(record));
    chunk.committed.store(position + sizeof(record), std::memory_order_release);
    return true;
  }

  template <typename Visit>
  static void drain_chunk(Chunk& chunk, Visit visit) {
    const std::uint64_t committed = chunk.committed.load(std::memory_order_acquire);
    std::uint64_t position = chunk.drained.load(std::memory_order_relaxed);
    if (position == committed) return;
    if ((position >> 16) != (committed >> 16)) position = committed & ~0xFFFFULL;
    while (position < committed) {
      const auto* head = reinterpret_cast<const RecordHead*>(chunk.records + offset_of(position));
      visit(*head);
      position += head->size;
    }
    chunk.drained.store(committed, std::memory_order_release);
  }

  Chunk* chunks_;
};

}  // namespace bench::matching
