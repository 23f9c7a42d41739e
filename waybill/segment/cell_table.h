#pragma once

#include <cstddef>
#include <cstdint>

#include "waybill/segment/layout.h"
#include "waybill/segment/metric_cell.h"

namespace waybill::segment {

// The host's end of the cells in its segment: finds the cell of a key and makes it when it is new. Lives in
// zeroed memory; all zero is "not open". Thread-safe; takes no lock, allocates nothing, and makes no system
// call but madvise, once for each page of cells.
class CellTable {
 public:
  // `base` is the mapped segment. `backed`: all of it has its memory already.
  void open(std::uint8_t* base, const Layout& layout, bool backed);

  // The cell of `key`. `hint` is what whoever asks remembers from the last time: any number is safe. When no
  // cell is free the one that all other keys of its kind share; null when there is not even that.
  MetricCell* find(const CellKey& key, std::uint32_t& hint);

  // The cell of a client's partition. Null: none is free.
  PartitionCell* find_partition(std::uint32_t client, std::uint32_t topic, std::int32_t partition,
                                std::uint32_t profile);

  // Calls `visit(PartitionCell&)` for each partition of the client.
  template <typename Visitor>
  void for_each_partition(std::uint32_t client, Visitor&& visit) {
    const std::uint32_t used = partitions_used();
    for (std::uint32_t at = 0; at < used; ++at) {
      PartitionCell& cell = partition(at);
      if (is_of(cell, client)) visit(cell);
    }
  }

  // The client is gone: its cells are free for other partitions.
  void release_partitions(std::uint32_t client);

 private:
  static constexpr std::size_t kIndexSize = 4096;  // a power of two, twice kMaxCells
  static constexpr std::uint32_t kReserved = 8;    // cells that only kOverflow may take
  static constexpr std::size_t kPages =
      kMaxCells * (sizeof(MetricCell) + sizeof(PartitionCell)) / kPageSize + 2;

  HostPage& page() const { return *reinterpret_cast<HostPage*>(base_); }
  MetricCell& cell(std::uint32_t at) const {
    return reinterpret_cast<MetricCell*>(base_ + layout_.cells)[at];
  }
  PartitionCell& partition(std::uint32_t at) const {
    return reinterpret_cast<PartitionCell*>(base_ + layout_.partitions)[at];
  }
  std::uint32_t partitions_used() const;
  bool holds(std::uint32_t at, const CellKey& key) const;
  static bool is_of(const PartitionCell& cell, std::uint32_t client);
  std::uint32_t find_in_index(std::uint64_t hash, const CellKey& key) const;
  std::uint32_t add(std::uint64_t hash, const CellKey& key, std::uint32_t limit);
  std::uint32_t free_partition();
  bool take_slot(std::uint32_t& used, std::uint32_t limit, std::size_t first_place, std::size_t size,
                 std::uint32_t& slot);
  bool back_page_of(std::size_t place);

  std::uint8_t* base_;
  Layout layout_;
  std::uint32_t index_[kIndexSize];            // a cell's place + 1
  std::uint32_t partition_index_[kIndexSize];  // where a partition was seen last; may be wrong by now
  std::uint32_t partitions_full_;              // 1: the last search found none free
  std::uint8_t page_backed_[kPages];
};

}  // namespace waybill::segment
