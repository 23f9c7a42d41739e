#include "waybill/segment/reader.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

#include <sys/file.h>
#include <unistd.h>

namespace waybill::segment {

const char* describe(ReadProblem problem) {
  switch (problem) {
    case ReadProblem::kNone:
      return "";
    case ReadProblem::kNotASegment:
      return "it is not a segment";
    case ReadProblem::kUnknownVersion:
      return "its format version is not known; host and collecting side must match";
    case ReadProblem::kSizesDisagree:
      return "its sizes contradict each other";
    case ReadProblem::kCannotRead:
      return "it cannot be read";
    case ReadProblem::kDamagedChunk:
      return "a record in it is damaged";
  }
  return "unknown problem";
}

RecordView record_view(std::span<const std::uint8_t> bytes) {
  RecordHeader header{};
  std::memcpy(&header, bytes.data(), sizeof header);
  return {static_cast<RecordKind>(header.size_and_kind & 0xffU), bytes};
}

Reader::~Reader() {
  if (file_ >= 0) close(file_);
}

Reader::Reader(Reader&& other) noexcept
    : file_{std::exchange(other.file_, -1)},
      host_{other.host_},
      layout_{other.layout_},
      settings_version_{other.settings_version_},
      drain_epoch_{other.drain_epoch_},
      next_chunk_{other.next_chunk_},
      pass_is_over_{other.pass_is_over_} {}

ReadProblem Reader::open(int file) {
  file_ = file;
  if (!read_at(0, &host_, sizeof host_)) return ReadProblem::kCannotRead;
  if (host_.magic != kMagic) return ReadProblem::kNotASegment;
  if (host_.version != kFormatVersion) return ReadProblem::kUnknownVersion;

  layout_ = Layout::for_size(host_.segment_size);
  const off_t file_size = lseek(file_, 0, SEEK_END);
  if (layout_.segment_size != host_.segment_size || layout_.chunk_count != host_.chunk_count ||
      file_size < 0 || static_cast<std::uint64_t>(file_size) < layout_.segment_size ||
      host_.environment_size > kEnvironmentSize) {
    return ReadProblem::kSizesDisagree;
  }
  host_.program[sizeof host_.program - 1] = '\0';
  ControlPage control{};
  if (!read_at(kPageSize, &control, sizeof control)) return ReadProblem::kCannotRead;
  settings_version_ = control.settings_version;
  drain_epoch_ = control.drain_epoch;
  return ReadProblem::kNone;
}

std::string_view Reader::environment(std::span<char> target) const {
  const std::size_t size = std::min<std::size_t>(host_.environment_size, target.size());
  if (!read_at(layout_.environment, target.data(), size)) return {};
  return {target.data(), size};
}

std::string_view Reader::definition(std::uint32_t id, DefinitionKind kind, std::span<char> target) const {
  const std::uint64_t place = std::uint64_t{id} * 8;
  DefinitionHeader header{};
  if (id == 0 || place + sizeof header > kDefinitionsSize) return {};
  if (!read_at(layout_.definitions + place, &header, sizeof header)) return {};
  if (header.committed != kDefinitionCommitted || header.kind != static_cast<std::uint16_t>(kind) ||
      header.size > target.size() || place + sizeof header + header.size > kDefinitionsSize) {
    return {};
  }
  if (!read_at(layout_.definitions + place + sizeof header, target.data(), header.size)) return {};
  return {target.data(), header.size};
}

bool Reader::refresh() {
  return read_at(offsetof(HostPage, counters), host_.counters, sizeof host_.counters) &&
         read_at(offsetof(HostPage, cells_used), &host_.cells_used, sizeof host_.cells_used) &&
         read_at(offsetof(HostPage, partitions_used), &host_.partitions_used, sizeof host_.partitions_used);
}

std::uint64_t Reader::unread_bytes() const {
  std::uint64_t unread = 0;
  ChunkStates states;
  for (std::uint32_t first = 0; first < layout_.chunk_count && read_states(first, states);
       first += ChunkStates::kCount) {
    for (std::uint32_t at = 0; at < states.used; ++at) {
      const std::uint64_t drained = states.reader[at].drained;
      if (may_be_read(drained, states.host[at].committed)) unread += states.host[at].committed - drained;
    }
  }
  return unread;
}

// A lock that is got is the sign that nobody else has it; kept then, because nobody will want it again.
std::optional<bool> Reader::host_holds_lock() const {
  if (host_.life_lock == 0) return std::nullopt;
  return flock(file_, LOCK_SH | LOCK_NB) != 0;
}

// Into the place that no host reads now; the new version makes it the one that counts. A reader that is
// killed in between has changed nothing.
void Reader::publish(const HostSettings& settings, const RuleTable& rules) {
  const std::uint64_t next = settings_version_ + 1;
  const SettingsWords words = pack(settings);
  write_at(layout_.rule_tables + (next & 1U) * kRuleTableSize, &rules, sizeof rules);
  write_at(kPageSize + offsetof(ControlPage, settings) + (next & 1U) * sizeof words, &words, sizeof words);
  write_at(kPageSize + offsetof(ControlPage, settings_version), &next, sizeof next);
  settings_version_ = next;
}

void Reader::beat(std::uint64_t now_ns) {
  write_at(kPageSize + offsetof(ControlPage, heartbeat_ns), &now_ns, sizeof now_ns);
}

bool Reader::read_states(std::uint32_t first, ChunkStates& states) const {
  states.used = std::min(ChunkStates::kCount, layout_.chunk_count - first);
  return read_at(layout_.host_chunks + first * sizeof(HostChunkState), states.host,
                 states.used * sizeof(HostChunkState)) &&
         read_at(layout_.reader_chunks + first * sizeof(ReaderChunkState), states.reader,
                 states.used * sizeof(ReaderChunkState));
}

bool Reader::may_be_read(std::uint64_t drained, std::uint64_t committed) {
  const std::uint64_t border = drained - drained % kChunkSize + kChunkSize;
  return committed >= drained && committed <= border && committed % 8 == 0 && drained % 8 == 0;
}

bool Reader::read_chunk(std::uint32_t chunk, std::uint64_t drained, std::span<std::uint8_t> target) const {
  const std::uint64_t place = layout_.chunks + chunk * std::uint64_t{kChunkSize} + drained % kChunkSize;
  return read_at(place, target.data(), target.size());
}

bool Reader::next(Batch& batch, RecordView& record, ReadProblem& problem) {
  while (batch.offset < batch.bytes.size()) {
    const std::size_t rest = batch.bytes.size() - batch.offset;
    RecordHeader header{};
    std::memcpy(&header, batch.bytes.data() + batch.offset, sizeof header);
    const std::size_t size = header.size_and_kind >> 8U;
    const auto kind = static_cast<RecordKind>(header.size_and_kind & 0xffU);
    const bool sound = size >= sizeof header && size % 8 == 0 && size <= rest &&
                       header.stamp == stamp_of(batch.position) &&
                       (size <= kMaxRecord || kind == RecordKind::kPadding);
    if (!sound) {
      problem = ReadProblem::kDamagedChunk;
      return false;
    }
    record = {kind, batch.bytes.subspan(batch.offset, size)};
    batch.offset += size;
    batch.position += size;
    if (kind != RecordKind::kPadding) return true;
  }
  return false;
}

void Reader::finish_taking(std::uint32_t chunk, std::uint64_t end_position) {
  if (chunk >= layout_.chunk_count) return;
  HostChunkState host{};
  ReaderChunkState reader{};
  const bool known = read_at(layout_.host_chunks + chunk * sizeof host, &host, sizeof host) &&
                     read_at(layout_.reader_chunks + chunk * sizeof reader, &reader, sizeof reader);
  const bool sound = known && may_be_read(reader.drained, end_position) && end_position <= host.committed;
  if (!sound || end_position == reader.drained) return;
  give_back(chunk, end_position);
  advance_epoch();
}

void Reader::give_back(std::uint32_t chunk, std::uint64_t position) {
  write_at(layout_.reader_chunks + chunk * sizeof(ReaderChunkState), &position, sizeof position);
}

void Reader::advance_epoch() {
  ++drain_epoch_;
  write_at(kPageSize + offsetof(ControlPage, drain_epoch), &drain_epoch_, sizeof drain_epoch_);
}

bool Reader::read_at(std::uint64_t place, void* target, std::size_t size) const {
  return pread(file_, target, size, static_cast<off_t>(place)) == static_cast<ssize_t>(size);
}

bool Reader::write_at(std::uint64_t place, const void* source, std::size_t size) const {
  return pwrite(file_, source, size, static_cast<off_t>(place)) == static_cast<ssize_t>(size);
}

}  // namespace waybill::segment
