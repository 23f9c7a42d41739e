#include "waybill/segment/cell_table.h"

#include <algorithm>
#include <cstring>

#include <sys/syscall.h>
#include <unistd.h>

#include "waybill/base/shared_word.h"

namespace waybill::segment {
namespace {

using base::shared;

constexpr std::uint32_t kBeingMade = 1;

std::uint64_t hash_of(const CellKey& key) {
  std::uint64_t hash = static_cast<std::uint64_t>(key.kind);
  for (const std::uint32_t part : {key.profile, key.topic, key.broker, key.error, key.partition_plus_1})
    hash = (hash ^ part) * 0x9e37'79b9'7f4a'7c15ULL;
  return hash ^ (hash >> 32U);
}

constexpr std::uint32_t kNone = 0xffff'ffff;

void start(PartitionCell& cell, std::uint32_t client, std::uint32_t topic, std::int32_t partition,
           std::uint32_t profile) {
  cell.client = client;
  cell.profile = profile;
  cell.topic = topic;
  cell.partition = partition;
  cell.revoked = 0;
  cell.skips = cell.is_behind = 0;
  cell.log_end = cell.position = cell.empty_until = -1;
  cell.log_end_ns = cell.position_ns = 0;
  shared(cell.ready).store(kCellReady, std::memory_order_release);
}

}  // namespace

void CellTable::open(std::uint8_t* base, const Layout& layout, bool backed) {
  base_ = base;
  layout_ = layout;
  std::memset(index_, 0, sizeof index_);
  std::memset(partition_index_, 0, sizeof partition_index_);
  std::memset(page_backed_, backed ? 1 : 0, sizeof page_backed_);
}

MetricCell* CellTable::find(const CellKey& key, std::uint32_t& hint) {
  if (base_ == nullptr) return nullptr;
  if (holds(hint, key)) return &cell(hint);
  const std::uint64_t hash = hash_of(key);
  std::uint32_t place = find_in_index(hash, key);
  if (place == 0) place = add(hash, key, layout_.cell_count - kReserved);
  if (place != 0) {
    hint = place - 1;
    return &cell(place - 1);
  }
  if (key.topic == CellKey::kOverflow) return nullptr;
  const CellKey shared_key{key.kind, 0, CellKey::kOverflow, 0, 0};
  const std::uint64_t shared_hash = hash_of(shared_key);
  place = find_in_index(shared_hash, shared_key);
  if (place == 0) place = add(shared_hash, shared_key, layout_.cell_count);
  return place == 0 ? nullptr : &cell(place - 1);
}

bool CellTable::holds(std::uint32_t at, const CellKey& key) const {
  if (at >= shared(page().cells_used).load(std::memory_order_relaxed)) return false;
  MetricCell& candidate = cell(at);
  return shared(candidate.ready).load(std::memory_order_acquire) == kCellReady && candidate.key == key;
}

// 0: not there, else its place + 1.
std::uint32_t CellTable::find_in_index(std::uint64_t hash, const CellKey& key) const {
  for (std::size_t probe = 0; probe < kIndexSize; ++probe) {
    auto& slot = const_cast<std::uint32_t&>(index_[(hash + probe) % kIndexSize]);
    const std::uint32_t place = shared(slot).load(std::memory_order_acquire);
    if (place == 0) return 0;
    if (cell(place - 1).key == key) return place;
  }
  return 0;
}

// Two threads may add one key at the same time: then it has two cells, and their sum is right.
std::uint32_t CellTable::add(std::uint64_t hash, const CellKey& key, std::uint32_t limit) {
  std::uint32_t at = 0;
  if (!take_slot(page().cells_used, limit, layout_.cells, sizeof(MetricCell), at)) return 0;
  cell(at).key = key;
  shared(cell(at).ready).store(kCellReady, std::memory_order_release);
  for (std::size_t probe = 0; probe < kIndexSize; ++probe) {
    std::uint32_t empty = 0;
    if (shared(index_[(hash + probe) % kIndexSize])
            .compare_exchange_strong(empty, at + 1, std::memory_order_release))
      break;
  }
  return at + 1;
}

PartitionCell* CellTable::find_partition(std::uint32_t client, std::uint32_t topic, std::int32_t id,
                                         std::uint32_t profile) {
  if (base_ == nullptr) return nullptr;
  const auto is_wanted = [&](std::uint32_t at) {
    const PartitionCell& one = partition(at);
    return is_of(one, client) && one.topic == topic && one.partition == id;
  };
  const std::uint32_t used = partitions_used();
  const std::uint64_t hash = hash_of({CellKey{}.kind, client, topic, static_cast<std::uint32_t>(id), 0});
  auto last_seen = shared(partition_index_[hash % kIndexSize]);
  const std::uint32_t guess = last_seen.load(std::memory_order_relaxed);
  if (guess < used && is_wanted(guess)) return &partition(guess);
  std::uint32_t at = 0;
  while (at < used && !is_wanted(at)) ++at;
  if (at == used) {
    at = free_partition();
    if (at == kNone) return nullptr;
    start(partition(at), client, topic, id, profile);
  }
  last_seen.store(at, std::memory_order_relaxed);
  return &partition(at);
}

// One that nobody else gets; not ready yet. A full table is not searched again until a client is closed:
// each message of a partition without a cell comes here.
std::uint32_t CellTable::free_partition() {
  if (shared(partitions_full_).load(std::memory_order_relaxed) != 0) return kNone;
  const std::uint32_t used = partitions_used();
  std::uint32_t at = 0;
  const auto is_got = [&] {
    std::uint32_t free = 0;
    return shared(partition(at).ready).compare_exchange_strong(free, kBeingMade);
  };
  for (at = 0; at < used; ++at) {
    if (shared(partition(at).ready).load(std::memory_order_relaxed) == 0 && is_got()) return at;
  }
  const bool more =
      take_slot(page().partitions_used, layout_.cell_count, layout_.partitions, sizeof(PartitionCell), at);
  if (more && is_got()) return at;
  shared(partitions_full_).store(1, std::memory_order_relaxed);
  return kNone;
}

void CellTable::release_partitions(std::uint32_t client) {
  if (base_ == nullptr) return;
  for_each_partition(client,
                     [](PartitionCell& cell) { shared(cell.ready).store(0, std::memory_order_release); });
  shared(partitions_full_).store(0, std::memory_order_relaxed);
}

std::uint32_t CellTable::partitions_used() const {
  return base_ == nullptr ? 0 : shared(page().partitions_used).load(std::memory_order_acquire);
}

bool CellTable::is_of(const PartitionCell& cell, std::uint32_t client) {
  return shared(const_cast<std::uint32_t&>(cell.ready)).load(std::memory_order_acquire) == kCellReady &&
         cell.client == client;
}

// Every slot below `used` has its memory: it is backed before it is counted.
bool CellTable::take_slot(std::uint32_t& used, std::uint32_t limit, std::size_t first_place, std::size_t size,
                          std::uint32_t& slot) {
  slot = shared(used).load(std::memory_order_relaxed);
  do {
    if (slot >= limit || !back_page_of(first_place + slot * size)) return false;
  } while (!shared(used).compare_exchange_weak(slot, slot + 1, std::memory_order_acq_rel));
  return true;
}

// Backed before it is touched, so that a full tmpfs is a cell that is missing and never a SIGBUS.
bool CellTable::back_page_of(std::size_t place) {
  const std::size_t page_start = place / kPageSize * kPageSize;
  auto backed = shared(page_backed_[(page_start - layout_.cells) / kPageSize]);
  if (backed.load(std::memory_order_relaxed) != 0) return true;
  if (syscall(SYS_madvise, base_ + page_start, kPageSize, 23 /* MADV_POPULATE_WRITE */) != 0) return false;
  backed.store(1, std::memory_order_relaxed);
  return true;
}

}  // namespace waybill::segment
