#include "tests/fuzz/hostile_segment.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>

#include "waybill/segment/writer.h"

namespace waybill::fuzz {
namespace {

using segment::kChunkSize;
using segment::RecordKind;

constexpr std::uint64_t kNoMoreThan = 4 * segment::kMinSegmentSize;  // bytes of the file

[[noreturn]] void cannot(const char* what) {
  std::perror(what);
  std::abort();
}

}  // namespace

HostileSegment::HostileSegment() : layout_{segment::Layout::for_size(segment::kMinSegmentSize)} {
  file_ = memfd_create("hostile-segment", MFD_CLOEXEC);
  if (file_ < 0) cannot("memfd_create");
  make_template();
  restore();
}

HostileSegment::~HostileSegment() { close(file_); }

// A host's own Writer says what a sound head is.
void HostileSegment::make_template() {
  char folder[] = "/tmp/waybill-fuzz-XXXXXX";
  if (mkdtemp(folder) == nullptr) cannot("mkdtemp");
  const int directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const auto writer = std::make_unique<segment::Writer>();
  const std::string environment = std::string{"OTEL_SERVICE_NAME=hostile"} + '\0';
  const segment::SegmentFacts facts{.program = "hostile", .environment = environment};
  if (writer->create(directory, segment::kMinSegmentSize, facts) != base::Failure::kNone) cannot("create");
  using enum segment::DefinitionKind;
  const std::string client{
      "producer\0shop\0\0broker-1:9092\0"
      "2.0.2\0all\0\0",
      41};
  const std::string error{"_MSG_TIMED_OUT\0Local: Message timed out", 39};
  definitions_ = {0,
                  writer->define(kTopic, "orders"),
                  writer->define(kTopic, "payments"),
                  writer->define(kClient, client),
                  writer->define(kBroker, "127.0.0.1:9092"),
                  writer->define(kError, error),
                  writer->define(kCluster, "a-cluster"),
                  writer->define(kCluster, "another-cluster")};
  const std::string path = std::filesystem::directory_iterator { folder } -> path();
  const int made = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  head_.resize(layout_.chunks);
  if (read(made, head_.data(), head_.size()) != static_cast<ssize_t>(head_.size())) cannot("read");
  close(made);
  close(directory);
  std::filesystem::remove_all(folder);
  // The same in every process, so that a script means the same everywhere.
  segment::HostPage page;
  std::memcpy(&page, head_.data(), sizeof page);
  page.pid = 1'000'000'000;  // no process
  page.pid_namespace = 0;
  page.pid_start_ticks = 1;
  page.anchor_monotonic_ns = 1'000;
  page.anchor_realtime_ns = 1'700'000'000'000'000'000;
  std::memcpy(head_.data(), &page, sizeof page);
}

void HostileSegment::restore() {
  if (ftruncate(file_, 0) != 0 || ftruncate(file_, static_cast<off_t>(layout_.segment_size)) != 0)
    cannot("ftruncate");
  put(0, head_.data(), segment::kPageSize);
  put(layout_.environment, head_.data() + layout_.environment, segment::kPageSize);
  put(layout_.definitions, head_.data() + layout_.definitions, segment::kPageSize);
}

int HostileSegment::open_again() const { return fcntl(file_, F_DUPFD_CLOEXEC, 3); }

void HostileSegment::put(std::uint64_t place, const void* bytes, std::size_t size) {
  if (place > kNoMoreThan) return;
  [[maybe_unused]] const ssize_t ignored = pwrite(file_, bytes, size, static_cast<off_t>(place));
}

template <typename Word>
Word HostileSegment::get(std::uint64_t place) const {
  Word word{};
  [[maybe_unused]] const ssize_t ignored = pread(file_, &word, sizeof word, static_cast<off_t>(place));
  return word;
}

// Small numbers are those of sound definitions, others are taken as they are.
std::uint32_t HostileSegment::definition(std::uint64_t number) const {
  return number < definitions_.size() ? definitions_[number] : static_cast<std::uint32_t>(number);
}

void HostileSegment::append(RecordKind kind, Script& script) {
  const std::uint32_t chunk = script.byte() % layout_.chunk_count;
  const std::uint64_t count = std::min<std::uint64_t>(script.number(), 2048);
  const std::uint64_t name_step = count == 0 ? 0 : script.number();
  const std::uint64_t time_step = count == 0 ? 0 : script.number();
  std::vector<std::uint8_t> record = record_of(kind, script);
  for (std::uint64_t at = 0;; ++at) {
    commit(chunk, record, 0);
    if (at >= count) return;
    // What names a record, and its time, are the first two words behind the header in nearly all kinds.
    for (const auto& [place, step] : {std::pair{8U, name_step}, std::pair{16U, time_step}}) {
      std::uint64_t word = 0;
      if (record.size() < place + sizeof word) continue;
      std::memcpy(&word, record.data() + place, sizeof word);
      word += step;
      std::memcpy(record.data() + place, &word, sizeof word);
    }
  }
}

void HostileSegment::append_raw(Script& script) {
  const std::uint32_t chunk = script.byte() % layout_.chunk_count;
  const std::uint8_t kind = script.byte();
  const std::uint64_t said_size = script.number() & 0xff'ffffU;
  const std::uint32_t stamp_error = script.byte() >= 0xf0 ? 1 : 0;
  const std::span<const std::uint8_t> bytes = script.take(script.byte());
  const std::size_t size = std::min<std::size_t>((std::max<std::size_t>(said_size, 8) + 7) / 8 * 8, 0x1'0000);
  std::vector<std::uint8_t> record(size);
  std::copy_n(bytes.begin(), std::min(bytes.size(), size - 8), record.begin() + 8);
  const std::uint32_t word = static_cast<std::uint32_t>(said_size << 8U) | kind;
  std::memcpy(record.data(), &word, sizeof word);
  commit(chunk, record, stamp_error);
}

// Behind what stands in the chunk, with padding to its border when it does not fit.
void HostileSegment::commit(std::uint32_t chunk, std::span<const std::uint8_t> record,
                            std::uint32_t stamp_error) {
  const std::uint64_t state = layout_.host_chunks + chunk * sizeof(segment::HostChunkState);
  const std::uint64_t start = layout_.chunks + chunk * std::uint64_t{kChunkSize};
  auto committed = get<std::uint64_t>(state);
  if (committed % kChunkSize + record.size() > kChunkSize && committed % kChunkSize <= kChunkSize - 8) {
    const auto rest = static_cast<std::size_t>(kChunkSize - committed % kChunkSize);
    const segment::RecordHeader padding{segment::size_and_kind(rest, RecordKind::kPadding),
                                        segment::stamp_of(committed)};
    put(start + committed % kChunkSize, &padding, sizeof padding);
    committed += rest;
  }
  std::vector<std::uint8_t> bytes{record.begin(), record.end()};
  const std::uint32_t stamp = segment::stamp_of(committed) + stamp_error;
  std::memcpy(bytes.data() + 4, &stamp, sizeof stamp);
  put(start + committed % kChunkSize, bytes.data(), bytes.size());
  committed += bytes.size();
  put(state, &committed, sizeof committed);
}

void HostileSegment::edit_host_page(Script& script) {
  const std::uint64_t place = script.byte() * 4ULL;
  const std::uint64_t value = script.number();
  put(place, &value, script.byte() % 2 == 0 ? 4 : 8);
}

void HostileSegment::edit_chunk(Script& script) {
  const std::uint8_t choice = script.byte();
  const std::uint32_t chunk = choice / 4 % layout_.chunk_count;
  const std::uint64_t place = choice % 2 == 0
                                  ? layout_.host_chunks + chunk * sizeof(segment::HostChunkState)
                                  : layout_.reader_chunks + chunk * sizeof(segment::ReaderChunkState);
  std::uint64_t value = script.number();
  if (choice % 4 >= 2) value += get<std::uint64_t>(place);
  put(place, &value, sizeof value);
}

void HostileSegment::edit_definition(Script& script) {
  const std::uint64_t id = definition(script.number());
  segment::DefinitionHeader header{segment::kDefinitionCommitted, script.number16(), script.number16()};
  if (script.byte() == 0xff) header.committed = 0;
  const std::span<const std::uint8_t> text = script.take(script.byte());
  put(layout_.definitions + id * 8, &header, sizeof header);
  put(layout_.definitions + id * 8 + sizeof header, text.data(), text.size());
}

void HostileSegment::edit_anywhere(Script& script) {
  const std::uint64_t place = script.number() % layout_.segment_size;
  const std::span<const std::uint8_t> bytes = script.take(script.byte());
  put(place, bytes.data(), bytes.size());
}

void HostileSegment::set_environment(Script& script) {
  const std::uint64_t place = script.number() % segment::kEnvironmentSize;
  const std::span<const std::uint8_t> text = script.take(script.byte());
  put(layout_.environment + place, text.data(), text.size());
  const auto used = static_cast<std::uint32_t>(place + text.size());
  put(offsetof(segment::HostPage, environment_size), &used, sizeof used);
}

void HostileSegment::resize(Script& script) {
  const std::uint64_t size = std::min(script.number(), kNoMoreThan);
  if (ftruncate(file_, static_cast<off_t>(size)) != 0) cannot("ftruncate");
}

void HostileSegment::punch(Script& script) {
  const std::uint64_t place = script.number() % kNoMoreThan;
  const std::uint64_t size = script.number() % kNoMoreThan + 1;
  [[maybe_unused]] const int ignored = fallocate(file_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                                                 static_cast<off_t>(place), static_cast<off_t>(size));
}

}  // namespace waybill::fuzz
