#include "waybill/segment/writer.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "waybill/base/address_space.h"
#include "waybill/base/clock.h"
#include "waybill/base/shared_word.h"
#include "waybill/segment/internal/host_identity.h"

namespace waybill::segment {
namespace {

using base::shared;

// The chunk that this thread wrote into last. A stale value (another segment, after a fork) only costs a
// search.
constinit thread_local std::uint32_t last_chunk = 0;

std::uint8_t* put(std::uint8_t* place, const void* bytes, std::size_t size) {
  if (size != 0) std::memcpy(place, bytes, size);
  return place + size;
}

// A program may name clients and topics without end. Clients leave half of the block to all others, topics
// leave what brokers, errors and clusters need.
constexpr std::size_t kLimitOfClients = kDefinitionsSize / 2;
constexpr std::size_t kLimitOfTopics = kDefinitionsSize - std::size_t{16} * 1024;

std::uint64_t hash_of(DefinitionKind kind, std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325ULL ^ static_cast<std::uint64_t>(kind);
  for (const char byte : bytes) hash = (hash ^ static_cast<std::uint8_t>(byte)) * 0x100000001b3ULL;
  return hash ^ (hash >> 29U);
}

}  // namespace

base::Failure Writer::create(int directory_fd, std::uint64_t size, const SegmentFacts& facts) {
  const Layout layout = Layout::for_size(size);
  if (!internal::file_size_allowed(layout.segment_size)) return base::Failure::kFileSizeLimit;
  if (!base::may_map(layout.segment_size)) return base::Failure::kNoAddressSpace;

  internal::SegmentName name;
  if (!name.make()) return base::Failure::kNoRandomness;
  const int file =
      openat(directory_fd, name.temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return base::failure_of(errno, base::Failure::kCannotCreateSegment);

  // The lock belongs to what was opened, and the mapping keeps that open: it lasts until this process is
  // gone, however it goes, though the descriptor is closed now.
  const bool locked = flock(file, LOCK_EX | LOCK_NB) == 0;
  base::Failure failure = map(file, layout);
  close(file);
  if (failure == base::Failure::kNone) {
    fill_host_page(facts);
    host_page().life_lock = locked && internal::is_locked(directory_fd, name.temporary) ? 1 : 0;
    shared(host_page().magic).store(kMagic, std::memory_order_release);
    const long renamed = syscall(SYS_renameat2, directory_fd, name.temporary, directory_fd, name.final,
                                 1U /* RENAME_NOREPLACE */);
    if (renamed != 0 && renameat(directory_fd, name.temporary, directory_fd, name.final) != 0) {
      failure = base::failure_of(errno, base::Failure::kCannotCreateSegment);
    }
  }
  if (failure != base::Failure::kNone) {
    unlinkat(directory_fd, name.temporary, 0);
    if (base_ != nullptr) munmap(base_, layout.segment_size);
    base_ = nullptr;
  }
  return failure;
}

base::Failure Writer::map(int file, const Layout& layout) {
  if (ftruncate(file, static_cast<off_t>(layout.segment_size)) != 0)
    return base::failure_of(errno, base::Failure::kNoRoomForSegment);
  // The head is used at once. Chunks are backed when they are first borrowed, unless the kernel cannot do
  // that through the mapping (before Linux 5.14): then all of it now, because the descriptor does not stay.
  if (fallocate(file, 0, 0, static_cast<off_t>(layout.chunks)) != 0)
    return base::failure_of(errno, base::Failure::kNoRoomForSegment);
  void* mapped = mmap(nullptr, layout.segment_size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (mapped == MAP_FAILED) return base::failure_of(errno, base::Failure::kCannotMapSegment);
  auto* bytes = static_cast<std::uint8_t*>(mapped);
  const bool backs_by_madvise = madvise(bytes + layout.chunks, kChunkSize, 23 /* MADV_POPULATE_WRITE */) == 0;
  if (!backs_by_madvise && fallocate(file, 0, 0, static_cast<off_t>(layout.segment_size)) != 0) {
    const base::Failure failure = base::failure_of(errno, base::Failure::kNoRoomForSegment);
    munmap(mapped, layout.segment_size);
    return failure;
  }
  if (madvise(bytes, layout.segment_size, MADV_DONTFORK) != 0) {
    const base::Failure failure = base::failure_of(errno, base::Failure::kCannotMapSegment);
    munmap(mapped, layout.segment_size);
    return failure;
  }
  layout_ = layout;
  std::memset(chunk_backed_, backs_by_madvise ? 0 : 1, sizeof chunk_backed_);
  base_ = bytes;
  cells_.open(bytes, layout, !backs_by_madvise);
  return base::Failure::kNone;
}

bool Writer::abandon() {
  if (base_ == nullptr) return true;
  void* mapped = mmap(base_, layout_.segment_size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  if (mapped == MAP_FAILED) return false;
  [[maybe_unused]] const int ignored = madvise(mapped, layout_.segment_size, MADV_DONTFORK);
  return true;
}

void Writer::fill_host_page(const SegmentFacts& facts) {
  HostPage& page = host_page();
  page.version = kFormatVersion;
  page.chunk_count = layout_.chunk_count;
  page.segment_size = layout_.segment_size;
  page.pid = getpid();
  page.pid_start_ticks = internal::own_start_ticks();
  page.pid_namespace = internal::own_pid_namespace();
  page.anchor_monotonic_ns = base::monotonic_ns();
  page.anchor_realtime_ns = base::realtime_ns();
  page.definitions_used = 8;  // number 0 means "none"

  const std::size_t program_size =
      facts.program.size() < sizeof page.program ? facts.program.size() : sizeof page.program - 1;
  std::memcpy(page.program, facts.program.data(), program_size);
  const std::size_t environment_size =
      facts.environment.size() < kEnvironmentSize ? facts.environment.size() : kEnvironmentSize;
  std::memcpy(base_ + layout_.environment, facts.environment.data(), environment_size);
  page.environment_size = static_cast<std::uint32_t>(environment_size);
}

void Writer::put_tail(std::uint8_t* place, const RecordTail& tail) {
  if (tail.link != nullptr) place = put(place, tail.link, sizeof *tail.link);
  place = put(place, tail.key.data(), tail.key.size());
  place = put(place, tail.tracestate.data(), tail.tracestate.size());
  if (tail.headers != nullptr) tail.headers->write(place);
}

void Writer::publish(const Place& place, std::size_t size) {
  HostChunkState& state = chunk_state(place.chunk);
  shared(state.committed).store(place.position + size, std::memory_order_release);
  shared(state.owner).store(0, std::memory_order_release);
}

// A chunk belongs to a thread for one record only: the swap costs some nanoseconds, and no thread's exit,
// however it comes, keeps a chunk; more threads than chunks share them.
bool Writer::borrow_place(std::size_t size, Place& place) {
  const std::uint32_t hint = last_chunk;
  if (hint < layout_.chunk_count && place_in_chunk(hint, size, place)) return true;

  const std::uint64_t epoch = shared(control_page().drain_epoch).load(std::memory_order_relaxed) + 1;
  if (shared(full_epoch_).load(std::memory_order_relaxed) == epoch)
    return false;  // nothing came free since the last search
  for (std::uint32_t chunk = 0; chunk < layout_.chunk_count; ++chunk) {
    if (chunk != hint && place_in_chunk(chunk, size, place)) {
      last_chunk = chunk;
      return true;
    }
  }
  shared(full_epoch_).store(epoch, std::memory_order_relaxed);
  return false;
}

bool Writer::place_in_chunk(std::uint32_t chunk, std::size_t size, Place& place) {
  HostChunkState& state = chunk_state(chunk);
  std::uint32_t nobody = 0;
  if (shared(state.owner).load(std::memory_order_relaxed) != 0 ||
      !shared(state.owner).compare_exchange_strong(nobody, 1, std::memory_order_acquire)) {
    return false;
  }
  const std::uint64_t position = shared(state.committed).load(std::memory_order_relaxed);
  const std::size_t used = position % kChunkSize;
  if (used == 0 || used + size > kChunkSize) return place_behind_border(chunk, position, place);
  place = {base_ + layout_.chunks + chunk * kChunkSize + used, position, chunk};
  return true;
}

// The chunk is owned; if it is not free, no longer.
bool Writer::place_behind_border(std::uint32_t chunk, std::uint64_t position, Place& place) {
  if (position % kChunkSize != 0) {
    pad_to_border(chunk, position);
    position += kChunkSize - position % kChunkSize;
  }
  if (drained(chunk) != position || !back_chunk(chunk)) {
    shared(chunk_state(chunk).owner).store(0, std::memory_order_release);
    return false;
  }
  place = {base_ + layout_.chunks + chunk * kChunkSize, position, chunk};
  return true;
}

void Writer::pad_to_border(std::uint32_t chunk, std::uint64_t committed) {
  const std::size_t rest = kChunkSize - committed % kChunkSize;  // a multiple of 8, so the header fits
  const RecordHeader header{size_and_kind(rest, RecordKind::kPadding), stamp_of(committed)};
  std::memcpy(base_ + layout_.chunks + chunk * kChunkSize + committed % kChunkSize, &header, sizeof header);
  shared(chunk_state(chunk).committed).store(committed + rest, std::memory_order_release);
}

bool Writer::back_chunk(std::uint32_t chunk) {
  auto backed = shared(chunk_backed_[chunk]);
  if (backed.load(std::memory_order_relaxed) != 0) return true;
  // The plain system call, because madvise of some libcs is wrapped by tools that allocate.
  if (syscall(SYS_madvise, base_ + layout_.chunks + chunk * kChunkSize, kChunkSize,
              23 /* MADV_POPULATE_WRITE */) != 0) {
    return false;
  }
  backed.store(1, std::memory_order_relaxed);
  return true;
}

std::uint64_t Writer::drained(std::uint32_t chunk) const {
  auto* states = reinterpret_cast<ReaderChunkState*>(base_ + layout_.reader_chunks);
  return shared(states[chunk].drained).load(std::memory_order_acquire);
}

std::uint32_t Writer::define(DefinitionKind kind, std::string_view bytes) {
  const std::size_t limit = kind == DefinitionKind::kTopic ? kLimitOfTopics : kDefinitionsSize;
  const std::uint32_t id = find_or_append(kind, bytes, limit);
  if (id == 0) count(HostCounter::kDefinitionsDropped);
  return id;
}

std::uint32_t Writer::define_client(std::string_view profile, std::string_view common) {
  const std::uint32_t id = find_or_append(DefinitionKind::kClient, profile, kLimitOfClients);
  if (id != 0) return id;
  count(HostCounter::kDefinitionsDropped);
  return find_or_append(DefinitionKind::kClient, common, kDefinitionsSize);
}

std::uint32_t Writer::find_or_append(DefinitionKind kind, std::string_view bytes, std::size_t limit) {
  if (bytes.size() > kMaxDefinition) bytes.remove_suffix(bytes.size() - kMaxDefinition);
  const std::uint64_t hash = hash_of(kind, bytes);
  std::uint32_t id = find_definition(hash, kind, bytes);
  if (id != 0) return id;
  id = append_definition(kind, bytes, limit);
  if (id != 0) index_definition(hash, id);
  return id;
}

std::uint32_t Writer::find_definition(std::uint64_t hash, DefinitionKind kind, std::string_view bytes) const {
  for (std::size_t probe = 0; probe < kIndexSize; ++probe) {
    auto& slot = const_cast<std::uint64_t&>(index_[(hash + probe) % kIndexSize]);
    const std::uint64_t entry = shared(slot).load(std::memory_order_acquire);
    if (entry == 0) return 0;
    if (entry >> 32U != hash >> 32U) continue;
    const auto id = static_cast<std::uint32_t>(entry);
    if (is_definition(id, kind, bytes)) return id;
  }
  return 0;
}

bool Writer::is_definition(std::uint32_t id, DefinitionKind kind, std::string_view bytes) const {
  const std::size_t place = std::size_t{id} * 8;
  if (id == 0 || place + sizeof(DefinitionHeader) + bytes.size() > kDefinitionsSize) return false;
  std::uint8_t* definition = base_ + layout_.definitions + place;
  DefinitionHeader header;
  std::memcpy(&header, definition, sizeof header);
  return header.committed == kDefinitionCommitted && header.kind == static_cast<std::uint16_t>(kind) &&
         header.size == bytes.size() &&
         std::memcmp(definition + sizeof header, bytes.data(), bytes.size()) == 0;
}

std::string_view Writer::definition(std::uint32_t id, DefinitionKind kind) const {
  const std::size_t place = std::size_t{id} * 8;
  if (id == 0 || place + sizeof(DefinitionHeader) > kDefinitionsSize) return {};
  const std::uint8_t* definition = base_ + layout_.definitions + place;
  DefinitionHeader header;
  std::memcpy(&header, definition, sizeof header);
  if (header.committed != kDefinitionCommitted || header.kind != static_cast<std::uint16_t>(kind)) return {};
  return {reinterpret_cast<const char*>(definition + sizeof header), header.size};
}

// Two threads may define the same text at the same time: then it stands twice, and both numbers are right.
std::uint32_t Writer::append_definition(DefinitionKind kind, std::string_view bytes, std::size_t limit) {
  const std::size_t size = round_up_to_8(sizeof(DefinitionHeader) + bytes.size());
  auto used = shared(host_page().definitions_used);
  std::uint64_t place = used.load(std::memory_order_relaxed);
  do {
    if (place + size > limit) return 0;
  } while (!used.compare_exchange_weak(place, place + size, std::memory_order_relaxed));

  std::uint8_t* target = base_ + layout_.definitions + place;
  const DefinitionHeader header{0, static_cast<std::uint16_t>(kind),
                                static_cast<std::uint16_t>(bytes.size())};
  std::memcpy(target, &header, sizeof header);
  std::memcpy(target + sizeof header, bytes.data(), bytes.size());
  shared(*reinterpret_cast<std::uint32_t*>(target)).store(kDefinitionCommitted, std::memory_order_release);
  return static_cast<std::uint32_t>(place / 8);
}

void Writer::index_definition(std::uint64_t hash, std::uint32_t id) {
  const std::uint64_t entry = (hash >> 32U) << 32U | id;
  for (std::size_t probe = 0; probe < kIndexSize; ++probe) {
    std::uint64_t empty = 0;
    if (shared(index_[(hash + probe) % kIndexSize])
            .compare_exchange_strong(empty, entry, std::memory_order_release))
      return;
  }
}

void Writer::count(HostCounter counter, std::uint64_t amount) {
  if (base_ == nullptr) return;
  shared(host_page().counters[static_cast<std::size_t>(counter)])
      .fetch_add(amount, std::memory_order_relaxed);
}

}  // namespace waybill::segment
