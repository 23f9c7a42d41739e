#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "waybill/segment/host_settings.h"
#include "waybill/segment/layout.h"
#include "waybill/segment/record.h"

namespace waybill::segment {

// Why a segment cannot be read (any further). Its own data are lost, nothing else is.
enum class ReadProblem : int {
  kNone = 0,
  kNotASegment = 1,  // the magic is missing: another file, or one that is still being made
  kUnknownVersion = 2,
  kSizesDisagree = 3,  // the header contradicts itself or the file is shorter than it says
  kCannotRead = 4,
  kDamagedChunk = 5,  // a record that no host writes; the chunk's rest is skipped
};
const char* describe(ReadProblem problem);

// One record, copied out of the segment; `bytes` starts with its RecordHeader and stands in the store's
// memory.
struct RecordView {
  RecordKind kind;
  std::span<const std::uint8_t> bytes;
};

// The record that begins where `bytes` begins and is as long.
RecordView record_view(std::span<const std::uint8_t> bytes);

// The collecting side's end of a segment. Trusts nothing: it reads by pread into memory of its own, so that a
// host which cuts its file off cannot hurt it, and checks every size and number before use. Owned by one
// thread.
class Reader {
 public:
  Reader() = default;
  ~Reader();
  Reader(Reader&& other) noexcept;
  Reader& operator=(Reader&&) = delete;
  Reader(const Reader&) = delete;

  // Takes over `file` (open for reading and writing) and checks the head.
  ReadProblem open(int file);

  const HostPage& host() const { return host_; }
  std::uint32_t chunk_count() const { return layout_.chunk_count; }

  // Copies the host's raw environment, NAME=value with zero bytes between, into `target`; returns the part
  // that was used.
  std::string_view environment(std::span<char> target) const;

  // Reads a definition into `target`. Empty when the number is not one of this segment.
  std::string_view definition(std::uint32_t id, DefinitionKind kind, std::span<char> target) const;

  // Reads the host's counters again, and how many cells it has. False when the file is gone.
  bool refresh();

  // Gives every cell that is complete to `visit(const MetricCell&)`: what it counted up to now. The fields of
  // one cell may be of moments that lie a little apart.
  template <typename Visitor>
  void for_each_cell(Visitor&& visit) const {
    for_each_of<MetricCell>(layout_.cells, host_.cells_used, visit);
  }
  // The same with the partitions that the host's consumers have.
  template <typename Visitor>
  void for_each_partition(Visitor&& visit) const {
    for_each_of<PartitionCell>(layout_.partitions, host_.partitions_used, visit);
  }

  // What the host has committed and the reader has not taken over yet.
  std::uint64_t unread_bytes() const;

  // Whether the host still holds the lock that says so. None: it has no such lock (HostPage::life_lock).
  std::optional<bool> host_holds_lock() const;

  void publish(const HostSettings& settings, const RuleTable& rules = {});
  void beat(std::uint64_t now_ns);

  // Reads what was committed and not taken over yet, chunk by chunk, into the memory of `store`; gives every
  // record to `visit(const RecordView&)`, in the order of writing within a chunk; then gives the room back.
  // Returns how many bytes were read; `problem` says what was damaged. A store has two functions:
  //
  //   std::span<std::uint8_t> room(std::size_t size);  // of that size; empty: none now; the next drain goes
  //   on
  //                                                    // with this chunk
  //   void keep(std::uint32_t chunk, std::uint64_t end_position, std::size_t size);
  //
  // keep() is called between the visits and the return of the room: `size` bytes of the room are sound, and
  // the chunk has been read up to `end_position`.
  template <typename Store, typename Visitor>
  std::size_t drain(Store& store, ReadProblem& problem, Visitor&& visit) {
    std::size_t total = 0;
    problem = ReadProblem::kNone;
    bool full = false;
    ChunkStates states;
    for (std::uint32_t first = next_chunk_; !full && first < layout_.chunk_count;
         first += ChunkStates::kCount) {
      if (!read_states(first, states)) {
        problem = ReadProblem::kCannotRead;
        break;
      }
      for (std::uint32_t at = 0; !full && at < states.used; ++at) {
        const std::uint64_t drained = states.reader[at].drained;
        const std::uint64_t committed = states.host[at].committed;
        if (committed == drained) continue;
        if (!may_be_read(drained, committed)) {
          problem = ReadProblem::kDamagedChunk;
          continue;
        }
        const std::span<std::uint8_t> room = store.room(static_cast<std::size_t>(committed - drained));
        full = room.empty();
        if (full) {
          next_chunk_ = first + at;
          pass_is_over_ = false;
          break;
        }
        if (!read_chunk(first + at, drained, room)) {
          problem = ReadProblem::kCannotRead;
          continue;
        }
        Batch batch{room, 0, drained};
        RecordView record;
        while (next(batch, record, problem)) visit(static_cast<const RecordView&>(record));
        total += room.size();
        store.keep(first + at, committed, batch.offset);
        give_back(first + at, committed);
      }
    }
    if (!full) {
      next_chunk_ = 0;
      pass_is_over_ = true;
    }
    if (total != 0) advance_epoch();
    return total;
  }

  // Whether the last drain came to the end of the chunks. Several together are a pass: each chunk once.
  bool pass_is_over() const { return pass_is_over_; }

  // Finishes what a reader that was killed had begun: the chunk was read up to there.
  void finish_taking(std::uint32_t chunk, std::uint64_t end_position);

 private:
  struct Batch {
    std::span<const std::uint8_t> bytes;
    std::size_t offset = 0;
    std::uint64_t position = 0;
  };

  // The states of some chunks, read with one call each.
  struct ChunkStates {
    static constexpr std::uint32_t kCount = 256;  // a segment of the default size
    HostChunkState host[kCount];
    ReaderChunkState reader[kCount];
    std::uint32_t used;
  };

  // The numbers come from the host: never more than there is room for.
  template <typename Cell, typename Visitor>
  void for_each_of(std::uint64_t place, std::uint32_t used, Visitor&& visit) const {
    constexpr std::uint32_t kAtOnce = 16'384 / sizeof(Cell);
    Cell cells[kAtOnce];
    if (used > layout_.cell_count) used = layout_.cell_count;
    for (std::uint32_t first = 0; first < used; first += kAtOnce) {
      const std::uint32_t count = used - first < kAtOnce ? used - first : kAtOnce;
      if (!read_at(place + first * sizeof(Cell), cells, count * sizeof(Cell))) return;
      for (std::uint32_t at = 0; at < count; ++at) {
        if (cells[at].ready == kCellReady) visit(static_cast<const Cell&>(cells[at]));
      }
    }
  }

  bool read_states(std::uint32_t first, ChunkStates& states) const;
  static bool may_be_read(std::uint64_t drained, std::uint64_t committed);
  bool read_chunk(std::uint32_t chunk, std::uint64_t drained, std::span<std::uint8_t> target) const;
  static bool next(Batch& batch, RecordView& record, ReadProblem& problem);
  void give_back(std::uint32_t chunk, std::uint64_t position);
  void advance_epoch();
  bool read_at(std::uint64_t place, void* target, std::size_t size) const;
  bool write_at(std::uint64_t place, const void* source, std::size_t size) const;

  int file_ = -1;
  HostPage host_{};
  Layout layout_{};
  std::uint64_t settings_version_ = 0;
  std::uint64_t drain_epoch_ = 0;
  std::uint32_t next_chunk_ = 0;  // where the next drain begins
  bool pass_is_over_ = true;
};

}  // namespace waybill::segment
