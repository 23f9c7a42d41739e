#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "waybill/base/failure.h"
#include "waybill/base/shared_word.h"
#include "waybill/segment/cell_table.h"
#include "waybill/segment/header_texts.h"
#include "waybill/segment/host_settings.h"
#include "waybill/segment/layout.h"
#include "waybill/segment/record.h"

namespace waybill::segment {

// What a host puts into its segment when it makes it.
struct SegmentFacts {
  std::string_view program;
  std::string_view environment;  // NAME=value blocks, each ending with a zero byte
};

// What follows the fixed part of a record, in this order.
struct RecordTail {
  const RecordContext* link = nullptr;
  std::string_view key = {};  // or another text that comes first
  std::string_view tracestate = {};
  const HeaderTexts* headers = nullptr;

  std::size_t size() const {
    return (link != nullptr ? sizeof *link : 0) + key.size() + tracestate.size() +
           (headers != nullptr ? headers->size() : 0);
  }
};

// The host's end of a segment: makes the file and appends records and definitions to it. Lives in zeroed
// memory; all zero is "closed". Thread-safe; takes no lock, allocates nothing, and makes no system call but
// madvise, once for each chunk.
class Writer {
 public:
  // Makes a segment of about `size` bytes in the directory `directory_fd`, backed before it is used, so that
  // a full tmpfs is a reason to stay off and never a SIGBUS. The file's descriptor is closed again: programs
  // close and re-use descriptors that are not theirs. The mapping keeps the file's lock, which tells the
  // reader that the host lives; it goes when the last thread has ended, or with exec.
  base::Failure create(int directory_fd, std::uint64_t size, const SegmentFacts& facts);

  bool open() const { return base_ != nullptr; }

  // Gives the segment up while the process lives: its lock goes, and the reader sees that no more will come.
  // Zeroed memory of the same size takes its place, so that a thread which is still writing harms nobody;
  // that keeps the addresses, and costs no memory. False: the kernel has no room for it, and all is as
  // before.
  bool abandon();

  // Appends one record: `record` (whose header is filled in here), then its tail. False: no chunk is free;
  // the caller counts.
  template <typename Record>
  bool append(RecordKind kind, Record& record, const RecordTail& tail = {}) {
    const std::size_t size = round_up_to_8(sizeof record + tail.size());
    Place place;
    if (size > kMaxRecord || !borrow_place(size, place)) return false;
    const RecordHeader header{size_and_kind(size, kind), stamp_of(place.position)};
    std::memcpy(&record, &header, sizeof header);
    std::memcpy(place.bytes, &record, sizeof record);
    if (tail.size() != 0) put_tail(place.bytes + sizeof record, tail);
    publish(place, size);
    return true;
  }

  // The number of a definition, made if it is new. 0: no room, counted; the field it stands for is left out.
  std::uint32_t define(DefinitionKind kind, std::string_view bytes);

  // True if the number `id` stands for this text: cheaper than to look it up, for whoever remembers it. `id`
  // came from define(), in this process or in the one that it was forked from.
  bool is_definition(std::uint32_t id, DefinitionKind kind, std::string_view bytes) const;

  // The text of a definition that define() gave in this process; empty for another number.
  std::string_view definition(std::uint32_t id, DefinitionKind kind) const;

  // As define. When names of clients have taken their share of the block, `common` is defined in place of
  // `profile`: what many clients have in common.
  std::uint32_t define_client(std::string_view profile, std::string_view common);

  void count(HostCounter counter, std::uint64_t amount = 1);

  // What is counted whether it is sampled or not.
  CellTable& cells() { return cells_; }

  // What the reader wrote: false until it published settings for this host.
  bool published_settings(PackedSettings& settings) const {
    ControlPage& page = control_page();
    const std::uint64_t version = base::shared(page.settings_version).load(std::memory_order_acquire);
    if (version == 0) return false;
    SettingsWords& words = page.settings[version & 1U];
    settings = {base::shared(words.word).load(std::memory_order_relaxed),
                base::shared(words.samplers).load(std::memory_order_relaxed), version};
    return true;
  }
  // The argument of a sampler of published settings; `parent` is a context::ParentKind.
  std::uint64_t sampler_argument(const PackedSettings& settings, unsigned parent) const {
    SettingsWords& words = control_page().settings[settings.version & 1U];
    return base::shared(words.sampler_arguments[parent]).load(std::memory_order_relaxed);
  }
  // The table of published settings. The reader may be changing it: copy_of() each line, and ask
  // is_current() afterwards.
  const RuleTable& rule_table(const PackedSettings& settings) const {
    return *reinterpret_cast<const RuleTable*>(base_ + layout_.rule_tables +
                                               (settings.version & 1U) * kRuleTableSize);
  }
  // Whether what was read of these settings until now was theirs.
  bool is_current(const PackedSettings& settings) const {
    std::atomic_thread_fence(std::memory_order_acquire);
    return base::shared(control_page().settings_version).load(std::memory_order_relaxed) == settings.version;
  }
  std::uint64_t heartbeat_ns() const {
    if (base_ == nullptr) return 0;
    return base::shared(control_page().heartbeat_ns).load(std::memory_order_relaxed);
  }

 private:
  struct Place {
    std::uint8_t* bytes;
    std::uint64_t position;
    std::uint32_t chunk;
  };

  base::Failure map(int file, const Layout& layout);
  void fill_host_page(const SegmentFacts& facts);
  static void put_tail(std::uint8_t* place, const RecordTail& tail);
  void publish(const Place& place, std::size_t size);
  bool borrow_place(std::size_t size, Place& place);
  bool place_in_chunk(std::uint32_t chunk, std::size_t size, Place& place);
  [[gnu::noinline]] bool place_behind_border(std::uint32_t chunk, std::uint64_t position, Place& place);
  void pad_to_border(std::uint32_t chunk, std::uint64_t committed);
  bool back_chunk(std::uint32_t chunk);
  std::uint32_t find_definition(std::uint64_t hash, DefinitionKind kind, std::string_view bytes) const;
  std::uint32_t find_or_append(DefinitionKind kind, std::string_view bytes, std::size_t limit);
  std::uint32_t append_definition(DefinitionKind kind, std::string_view bytes, std::size_t limit);
  void index_definition(std::uint64_t hash, std::uint32_t id);

  HostPage& host_page() const { return *reinterpret_cast<HostPage*>(base_); }
  ControlPage& control_page() const { return *reinterpret_cast<ControlPage*>(base_ + kPageSize); }
  HostChunkState& chunk_state(std::uint32_t chunk) const {
    return reinterpret_cast<HostChunkState*>(base_ + layout_.host_chunks)[chunk];
  }
  std::uint64_t drained(std::uint32_t chunk) const;

  // A power of two; twice as many as definitions fit into their block.
  static constexpr std::size_t kIndexSize = 32'768;

  std::uint8_t* base_;
  Layout layout_;
  std::uint64_t full_epoch_;  // drain_epoch + 1 when the segment was last found full; 0: never
  std::uint8_t chunk_backed_[kMaxSegmentSize / kChunkSize];
  std::uint64_t index_[kIndexSize];  // hash of a definition << 32 | its number
  CellTable cells_;
};

}  // namespace waybill::segment
