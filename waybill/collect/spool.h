#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <span>
#include <vector>

#include "waybill/collect/file_descriptor.h"
#include "waybill/segment/layout.h"
#include "waybill/segment/record.h"
#include "waybill/telemetry/record_store.h"

namespace waybill::collect {

// The records of one host that were taken out of its segment and are not exported yet. The segment is small
// and belongs to the host's hurry; the spool waits for answers and receivers. In a file it outlives a
// collecting process that is killed: the next one reads it first and goes on from there.
//
// Blocks of 64 KiB, filled one after the other. A settled record turns into padding where it stands; a block
// without others is used again. When few records keep many blocks, they move together. Bounded: when it is
// full, reading stops, the segment fills, and the host drops and counts. Owned by one thread.
class Spool final : public telemetry::RecordStore {
 public:
  // In `file`, which is made anew when it holds no spool of this size. Falls back to memory of this process,
  // which no other will find, when the file cannot be used: in_file() tells.
  Spool(FileDescriptor file, std::size_t size);
  // In memory of this process.
  explicit Spool(std::size_t size) : Spool{FileDescriptor{}, size} {}
  ~Spool() override;
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  bool in_file() const { return in_file_; }
  std::size_t size() const { return block_count_ * kBlockSize; }

  // What an earlier process left: calls `visit(std::span<const std::uint8_t> record, Place)` for each record.
  template <typename Visitor>
  void replay(Visitor&& visit) {
    for (const std::uint32_t block : blocks_in_order()) {
      const std::vector<Record> left = unsettled(block);
      live_[block] = 0;
      for (const Record& record : left) live_[block] += static_cast<std::uint32_t>(record.bytes.size());
      if (left.empty()) free_block(block);
      for (const Record& record : left) visit(record.bytes, record.place);
    }
  }

  // What the earlier process was doing when it ended: this chunk's bytes up to there are in the spool.
  struct Step {
    std::uint32_t chunk = 0;
    std::uint64_t end_position = 0;  // 0: nothing
  };
  Step last_step() const;

  // A number that the next process finds again; 0 in a new spool.
  void remember(std::uint64_t number) { head().remembered = number; }
  std::uint64_t remembered() const { return head().remembered; }

  // For segment::Reader::drain(). Records get their place while they are visited.
  std::span<std::uint8_t> room(std::size_t size);
  telemetry::Place take(std::span<const std::uint8_t> record);
  void keep(std::uint32_t chunk, std::uint64_t end_position, std::size_t size);

  const std::uint8_t* record(telemetry::Place place) const override;
  void settle(telemetry::Place place) override;

  // Between two rounds: moves what keeps many blocks, so that there is room.
  void make_room();
  // Records that are not where they were taken.
  std::size_t moved_records() const { return moved_.size(); }
  // Gives memory back that a busy time took.
  void trim();

 private:
  // The last time that a block was emptied into another. Sequences are never used twice, so it is unfinished
  // exactly when the first block is still there.
  struct Move {
    std::uint64_t from;
    std::uint64_t to;
    std::uint32_t used_before;  // of the block `to`
    std::uint32_t unused;
  };
  // Stands at the file's begin.
  struct Head {
    std::uint64_t magic;
    std::uint32_t version;
    std::uint32_t block_count;
    // The last keep(): valid if that block says so.
    std::uint64_t step_sequence;
    std::uint32_t step_used;
    std::uint32_t step_chunk;
    std::uint64_t step_end_position;
    Move move;
    std::uint64_t remembered;
  };
  struct BlockState {
    std::uint64_t sequence;  // rises from block to block; 0: free
    std::uint32_t used;
    std::uint32_t unused;
  };
  struct Record {
    std::span<const std::uint8_t> bytes;
    telemetry::Place place;
  };
  struct Where {
    std::uint32_t block;
    std::uint32_t offset;
  };

  static constexpr std::uint32_t kNoBlock = 0xffff'ffff;
  static constexpr std::size_t kBlockSize = segment::kChunkSize;

  bool map_file(FileDescriptor file);
  void map_memory();
  void adopt_blocks();
  bool back(std::uint32_t block);
  bool open_block();
  void free_block(std::uint32_t block);
  std::uint32_t sparsest_block() const;
  bool move_block(std::uint32_t from);
  void note_move(telemetry::Place from, telemetry::Place to);
  void forget_move(telemetry::Place place);
  std::vector<std::uint32_t> blocks_in_order() const;
  bool sequences_are_sound() const;
  void undo_unfinished_move();

  Head& head() const { return *reinterpret_cast<Head*>(base_); }
  BlockState& state(std::uint32_t block) const {
    return reinterpret_cast<BlockState*>(base_ + sizeof(Head))[block];
  }
  std::uint8_t* bytes(std::uint32_t block) const { return base_ + head_size_ + block * kBlockSize; }
  std::span<const std::uint8_t> record_at(std::uint32_t block, std::size_t offset) const;
  std::vector<Record> unsettled(std::uint32_t block) const;
  telemetry::Place place_of(std::uint32_t block, std::size_t offset) const {
    return state(block).sequence * kBlockSize + offset;
  }
  Where find(telemetry::Place place) const;
  std::uint32_t& block_at(std::uint64_t sequence) {
    return by_sequence_[sequence & (by_sequence_.size() - 1)];
  }
  std::uint32_t block_at(std::uint64_t sequence) const {
    return by_sequence_[sequence & (by_sequence_.size() - 1)];
  }

  std::uint32_t block_count_;
  std::size_t head_size_;
  std::size_t size_;
  std::uint8_t* base_ = nullptr;
  bool in_file_ = false;

  std::uint64_t last_sequence_ = 0;
  std::uint64_t oldest_sequence_ = 1;
  std::uint32_t current_ = kNoBlock;
  std::vector<std::uint32_t> live_;  // bytes of a block's records that are not settled
  std::vector<std::uint32_t>
      by_sequence_;  // block of sequence % size, a power of two; a block's state has the last word
  std::vector<std::uint32_t> free_;  // the lowest last
  std::vector<bool> backed_;
  // Of records that were moved: where each is now, by the place that its owner knows, and the other way
  // round. However often a record moves, it has one entry in each.
  absl::flat_hash_map<telemetry::Place, telemetry::Place> moved_;
  absl::flat_hash_map<telemetry::Place, telemetry::Place> moved_from_;
};

}  // namespace waybill::collect
