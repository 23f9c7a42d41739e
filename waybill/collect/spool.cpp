#include "waybill/collect/spool.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>
#include <new>
#include <utility>

#include "waybill/base/shared_word.h"

namespace waybill::collect {
namespace {

using base::shared;
using segment::RecordHeader;
using segment::RecordKind;
using telemetry::Place;

constexpr std::uint64_t kMagic = 0x31'4C'4F'4F'50'53'42'57;  // "WBSPOOL1"
constexpr std::uint32_t kVersion = 2;
constexpr int kPopulateWrite = 23;        // MADV_POPULATE_WRITE
constexpr std::uint32_t kKeepBacked = 8;  // blocks whose memory stays when nothing happens
constexpr std::uint32_t kReserve = 2;     // blocks that only moving may take
constexpr std::uint32_t kMovesAtOnce = 16;
constexpr std::uint64_t kMostSequences = std::uint64_t{1} << 40U;

RecordHeader header_of(const std::uint8_t* record) {
  RecordHeader header;
  std::memcpy(&header, record, sizeof header);
  return header;
}

}  // namespace

Spool::Spool(FileDescriptor file, std::size_t size)
    : block_count_{static_cast<std::uint32_t>(std::max<std::size_t>(size / kBlockSize, 2 * kReserve))},
      head_size_{(sizeof(Head) + block_count_ * sizeof(BlockState) + segment::kPageSize - 1) /
                 segment::kPageSize * segment::kPageSize},
      size_{head_size_ + block_count_ * kBlockSize},
      live_(block_count_),
      by_sequence_(std::bit_ceil(std::size_t{block_count_} * 8), kNoBlock),
      backed_(block_count_) {
  in_file_ = file && map_file(std::move(file));
  if (!in_file_) map_memory();
  adopt_blocks();
}

Spool::~Spool() {
  if (base_ != nullptr) munmap(base_, size_);
}

bool Spool::map_file(FileDescriptor file) {
  struct stat facts {};
  if (fstat(file.get(), &facts) != 0) return false;
  if (static_cast<std::size_t>(facts.st_size) != size_) {
    if (ftruncate(file.get(), 0) != 0 || ftruncate(file.get(), static_cast<off_t>(size_)) != 0) return false;
  }
  void* memory = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (memory == MAP_FAILED) return false;
  // Backed before it is written: a full tmpfs is a spool without room, not a SIGBUS.
  if (madvise(memory, head_size_, kPopulateWrite) != 0) {
    munmap(memory, size_);
    return false;
  }
  base_ = static_cast<std::uint8_t*>(memory);
  Head& found = head();
  if (found.magic == kMagic && found.version == kVersion && found.block_count == block_count_) return true;
  std::memset(base_, 0, head_size_);
  found.version = kVersion;
  found.block_count = block_count_;
  shared(found.magic).store(kMagic, std::memory_order_release);
  return true;
}

void Spool::map_memory() {
  void* memory =
      mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc{};
  base_ = static_cast<std::uint8_t*>(memory);
}

void Spool::adopt_blocks() {
  const bool sound = sequences_are_sound();
  if (sound) undo_unfinished_move();
  for (std::uint32_t block = block_count_; block-- > 0;) {
    BlockState& found = state(block);
    if (!sound || found.sequence == 0 || found.used > kBlockSize || found.used % 8 != 0) {
      found = {};
      free_.push_back(block);
      continue;
    }
    backed_[block] = true;
    last_sequence_ = std::max(last_sequence_, found.sequence);
  }
  oldest_sequence_ = last_sequence_ + 1;
  for (const std::uint32_t block : blocks_in_order()) {
    oldest_sequence_ = std::min(oldest_sequence_, state(block).sequence);
    block_at(state(block).sequence) = block;
  }
}

void Spool::undo_unfinished_move() {
  const Move& move = head().move;
  BlockState* from = nullptr;
  BlockState* to = nullptr;
  for (const std::uint32_t block : blocks_in_order()) {
    if (state(block).sequence == move.from) from = &state(block);
    if (state(block).sequence == move.to) to = &state(block);
  }
  if (from != nullptr && to != nullptr && from != to && move.used_before < to->used)
    to->used = move.used_before;
}

// As this program writes them: each once, none too large for a Place, and all within the table's reach.
bool Spool::sequences_are_sound() const {
  const std::vector<std::uint32_t> blocks = blocks_in_order();
  for (std::size_t at = 1; at < blocks.size(); ++at) {
    if (state(blocks[at]).sequence == state(blocks[at - 1]).sequence) return false;
  }
  if (blocks.empty()) return true;
  const std::uint64_t last = state(blocks.back()).sequence;
  return last <= kMostSequences && last - state(blocks.front()).sequence < by_sequence_.size();
}

std::vector<std::uint32_t> Spool::blocks_in_order() const {
  std::vector<std::uint32_t> blocks;
  for (std::uint32_t block = 0; block < block_count_; ++block) {
    if (state(block).sequence != 0) blocks.push_back(block);
  }
  std::sort(blocks.begin(), blocks.end(), [this](std::uint32_t left, std::uint32_t right) {
    return state(left).sequence < state(right).sequence;
  });
  return blocks;
}

Spool::Step Spool::last_step() const {
  const Head& last = head();
  for (std::uint32_t block = 0; block < block_count_; ++block) {
    const BlockState& found = state(block);
    if (found.sequence != 0 && found.sequence == last.step_sequence && found.used == last.step_used)
      return {last.step_chunk, last.step_end_position};
  }
  return {};
}

std::span<std::uint8_t> Spool::room(std::size_t size) {
  const bool fits = current_ != kNoBlock && state(current_).used + size <= kBlockSize;
  if (size > kBlockSize || (!fits && (free_.size() <= kReserve || !open_block()))) return {};
  return {bytes(current_) + state(current_).used, size};
}

Place Spool::take(std::span<const std::uint8_t> record) {
  live_[current_] += static_cast<std::uint32_t>(record.size());
  return place_of(current_, static_cast<std::size_t>(record.data() - bytes(current_)));
}

// A reader that is killed between the two stores has kept nothing; after them, it has kept all.
void Spool::keep(std::uint32_t chunk, std::uint64_t end_position, std::size_t size) {
  BlockState& block = state(current_);
  Head& step = head();
  step.step_sequence = 0;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  step.step_chunk = chunk;
  step.step_end_position = end_position;
  step.step_used = block.used + static_cast<std::uint32_t>(size);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  step.step_sequence = block.sequence;
  shared(block.used).store(step.step_used, std::memory_order_release);
}

bool Spool::open_block() {
  if (last_sequence_ + 1 - oldest_sequence_ >= by_sequence_.size()) return false;
  const std::uint32_t block = free_.back();
  if (!back(block)) return false;
  free_.pop_back();
  const std::uint32_t before = std::exchange(current_, block);
  if (before != kNoBlock && live_[before] == 0) free_block(before);
  ++last_sequence_;
  block_at(last_sequence_) = block;
  state(block).used = 0;
  live_[block] = 0;
  shared(state(block).sequence).store(last_sequence_, std::memory_order_release);
  return true;
}

bool Spool::back(std::uint32_t block) {
  if (!backed_[block]) backed_[block] = !in_file_ || madvise(bytes(block), kBlockSize, kPopulateWrite) == 0;
  return backed_[block];
}

void Spool::free_block(std::uint32_t block) {
  shared(state(block).sequence).store(0, std::memory_order_release);
  free_.insert(std::upper_bound(free_.begin(), free_.end(), block, std::greater<>{}), block);
  while (oldest_sequence_ <= last_sequence_) {
    const std::uint32_t oldest = block_at(oldest_sequence_);
    if (oldest != kNoBlock && state(oldest).sequence == oldest_sequence_) break;
    ++oldest_sequence_;
  }
}

Spool::Where Spool::find(Place place) const {
  std::uint64_t sequence = place / kBlockSize;
  std::uint32_t block = block_at(sequence);
  if (block == kNoBlock || state(block).sequence != sequence) {
    place = moved_.at(place);
    sequence = place / kBlockSize;
    block = block_at(sequence);
  }
  return {block, static_cast<std::uint32_t>(place % kBlockSize)};
}

const std::uint8_t* Spool::record(Place place) const {
  const Where where = find(place);
  return bytes(where.block) + where.offset;
}

void Spool::settle(Place place) {
  const Where where = find(place);
  std::uint8_t* record = bytes(where.block) + where.offset;
  RecordHeader header = header_of(record);
  header.size_and_kind = segment::size_and_kind(header.size_and_kind >> 8U, RecordKind::kPadding);
  shared(*reinterpret_cast<std::uint32_t*>(record)).store(header.size_and_kind, std::memory_order_release);
  if (!moved_.empty()) forget_move(place);
  live_[where.block] -= header.size_and_kind >> 8U;
  if (live_[where.block] == 0 && where.block != current_) free_block(where.block);
}

void Spool::forget_move(Place place) {
  const auto move = moved_.find(place);
  if (move == moved_.end()) return;
  moved_from_.erase(move->second);
  moved_.erase(move);
}

std::span<const std::uint8_t> Spool::record_at(std::uint32_t block, std::size_t offset) const {
  const std::size_t rest = state(block).used - offset;
  if (rest < sizeof(RecordHeader)) return {};
  const std::uint8_t* record = bytes(block) + offset;
  const std::size_t size = header_of(record).size_and_kind >> 8U;
  if (size < sizeof(RecordHeader) || size % 8 != 0 || size > rest) return {};
  return {record, size};
}

std::vector<Spool::Record> Spool::unsettled(std::uint32_t block) const {
  std::vector<Record> records;
  for (std::size_t offset = 0; offset < state(block).used;) {
    const std::span<const std::uint8_t> record = record_at(block, offset);
    if (record.empty()) break;  // not written by us
    const auto kind = static_cast<RecordKind>(header_of(record.data()).size_and_kind & 0xffU);
    if (kind != RecordKind::kPadding) records.push_back({record, place_of(block, offset)});
    offset += record.size();
  }
  return records;
}

void Spool::make_room() {
  for (std::uint32_t moves = 0; moves < kMovesAtOnce; ++moves) {
    // The table of sequences reaches only so far: then the oldest must go, however full it is.
    if (oldest_sequence_ <= last_sequence_ && last_sequence_ - oldest_sequence_ >= by_sequence_.size() / 2 &&
        move_block(block_at(oldest_sequence_))) {
      continue;
    }
    const bool tight = free_.size() <= std::max(block_count_ / 4, kReserve);
    if (!tight || !move_block(sparsest_block())) return;
  }
}

// None: no block is worth it.
std::uint32_t Spool::sparsest_block() const {
  std::uint32_t sparsest = kNoBlock;
  for (std::uint32_t block = 0; block < block_count_; ++block) {
    if (state(block).sequence == 0 || block == current_ || live_[block] > kBlockSize / 2) continue;
    if (sparsest == kNoBlock || live_[block] < live_[sparsest]) sparsest = block;
  }
  return sparsest;
}

// Copies what is left of a block behind everything else. The head says so first: a process that is killed
// before the old block ends leaves both, and the next one takes the copies back.
bool Spool::move_block(std::uint32_t from) {
  if (from == kNoBlock || from == current_) return false;
  const bool fits = current_ != kNoBlock && state(current_).used + live_[from] <= kBlockSize;
  if (!fits && (free_.empty() || !open_block())) return false;
  BlockState& target = state(current_);
  head().move = {state(from).sequence, target.sequence, target.used, 0};
  std::atomic_signal_fence(std::memory_order_seq_cst);
  std::uint32_t used = target.used;
  for (const Record& record : unsettled(from)) {
    std::memcpy(bytes(current_) + used, record.bytes.data(), record.bytes.size());
    note_move(record.place, place_of(current_, used));
    used += static_cast<std::uint32_t>(record.bytes.size());
  }
  live_[current_] += used - target.used;
  shared(target.used).store(used, std::memory_order_release);
  live_[from] = 0;
  free_block(from);
  return true;
}

void Spool::note_move(Place from, Place to) {
  Place known = from;
  if (const auto earlier = moved_from_.find(from); earlier != moved_from_.end()) {
    known = earlier->second;
    moved_from_.erase(earlier);
  }
  moved_[known] = to;
  moved_from_[to] = known;
}

void Spool::trim() {
  for (const std::uint32_t block : free_) {  // the highest first
    if (block < kKeepBacked) return;
    if (!backed_[block]) continue;
    madvise(bytes(block), kBlockSize, in_file_ ? MADV_REMOVE : MADV_DONTNEED);
    backed_[block] = false;
  }
}

}  // namespace waybill::collect
