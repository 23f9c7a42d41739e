#include "tests/fuzz/hostile_run.h"

#include <fcntl.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "tests/fuzz/play.h"
#include "waybill/exporters/otlp_encoder.h"
#include "waybill/exporters/otlp_log_encoder.h"

// There in programs that were built with a sanitizer, whose allocator glibc does not know.
extern "C" [[gnu::weak]] std::size_t __sanitizer_get_current_allocated_bytes();

namespace waybill::fuzz {
namespace {

using segment::RecordKind;

constexpr std::size_t kBlock = segment::kChunkSize;
constexpr std::size_t kMostSteps = 400;
constexpr std::uint8_t kWhole =
    255;  // outside of the other actions, so that what was found keeps its meaning

// Memory may follow what the spool holds, and not more than so many times; the rest is what an idle host
// takes.
constexpr std::size_t kMemoryOverSpool = 24;
constexpr std::size_t kMemoryOfAHost = std::size_t{24} << 20U;
constexpr std::size_t kLongestLine = 2048;
constexpr std::size_t kMostLines = 1100;

void promise(bool kept, const char* what) {
  if (kept) return;
  std::fprintf(stderr, "a promise is broken: %s\n", what);
  std::abort();
}

std::size_t heap_in_use() {
  if (__sanitizer_get_current_allocated_bytes != nullptr) return __sanitizer_get_current_allocated_bytes();
  const struct mallinfo2 facts = mallinfo2();
  return facts.uordblks + facts.hblkhd;
}

// One file for all spools of this process, emptied for each script.
int spool_file() {
  static const int file = memfd_create("hostile-spool", MFD_CLOEXEC);
  return file;
}

template <typename Encoder>
collect::ExporterSet counted(Exported& exported) {
  collect::ExporterSet set;
  set.push_back(std::make_unique<CountingExporter>(exported, std::make_unique<Encoder>()));
  return set;
}

}  // namespace

HostileRun::HostileRun(HostileSegment& segment, Script script)
    : segment_{segment},
      script_{script},
      log_{[] { return std::chrono::steady_clock::time_point{}; },
           [this](const std::string& line) { check_line(line); }},
      pool_{log_, [this](const auto&, Log&) { return counted<exporters::OtlpTraceEncoder>(exported_); }},
      metric_pool_{log_, [](const configure::Settings&, Log&) { return collect::MetricExporterSet{}; }},
      log_pool_{log_, [this](const auto&, Log&) { return counted<exporters::OtlpLogEncoder>(logged_); },
                collect::ExporterPool::Signal::kLogs},
      heap_before_{heap_in_use()} {
  const std::uint8_t choice = script_.byte();
  spool_size_ = (4 + choice / 2 % 32) * kBlock;
  spool_in_file_ = choice % 2 == 1;
  segment_.restore();
  promise(ftruncate(spool_file(), 0) == 0, "the spool's file can be emptied");
}

void HostileRun::play() {
  for (std::size_t steps = 0; steps < kMostSteps && !script_.at_end(); ++steps) step();
  if (host_ == nullptr) open_host();
  if (host_ == nullptr) return;
  // What follows a host's death comes to an end, whatever it wrote.
  exported_.holds = false;
  exported_.held.clear();
  bool ended = false;
  for (int rounds = 0; !ended && rounds < 200; ++rounds) {
    ended = host_->end_round();
    check();
  }
  count();
  promise(ended, "a dead host's rounds come to an end");
  promise(host_->books().in_flight == 0, "nothing stays in flight of a dead host");
}

void HostileRun::step() {
  const std::uint8_t byte = script_.byte();
  if (byte == kWhole) return segment_.append(RecordKind::kWholeOperation, script_);
  const std::uint8_t action = byte % 24;
  if (action >= 1 && action <= 7) return segment_.append(static_cast<RecordKind>(action), script_);
  switch (action) {
    case 8:
      return segment_.append_raw(script_);
    case 9:
      return segment_.edit_host_page(script_);
    case 10:
      return segment_.edit_chunk(script_);
    case 11:
      return segment_.edit_definition(script_);
    case 12:
      return segment_.edit_anywhere(script_);
    case 13:
      return segment_.set_environment(script_);
    case 14:
      return segment_.resize(script_);
    case 15:
      return segment_.punch(script_);
    case 16:
      return kill_host();
    case 17:
      return edit_spool();
    case 18:
      exported_.holds = true;
      return;
    case 19:
      exported_.holds = false;
      exported_.held.clear();
      return;
    case 20:
      if (host_ != nullptr) host_->end_round();
      return check();
    case 21:
      if (host_ != nullptr) host_->beat(script_.number());
      return;
    case 22:
      return count();
    case 23:
      return segment_.append(RecordKind::kSingleConsumed, script_);
    default:
      if (host_ == nullptr) open_host();
      if (host_ != nullptr)
        promise(host_->round() <= segment::kMinSegmentSize, "a round reads each chunk once");
      return check();
  }
}

// Whatever stands in the cells, there are no more points than they can make.
void HostileRun::count() {
  if (host_ == nullptr) return;
  const auto snapshot = host_->metrics(true);
  for (const telemetry::Metric& metric : snapshot->metrics)
    promise(metric.points.size() <= segment::kMaxCells, "series are bounded");
  check();
}

void HostileRun::open_host() {
  segment::Reader reader;
  if (reader.open(segment_.open_again()) != segment::ReadProblem::kNone) return;
  collect::FileDescriptor file{spool_in_file_ ? fcntl(spool_file(), F_DUPFD_CLOEXEC, 3) : -1};
  host_ = std::make_unique<collect::Host>("hostile.segment", geteuid(), std::move(reader),
                                          std::make_unique<collect::Spool>(std::move(file), spool_size_),
                                          configure::Environment{},
                                          collect::Pools{pool_, metric_pool_, log_pool_}, log_);
  host_->alive();
  check();
}

// The exporters' batches go with their process.
void HostileRun::kill_host() {
  if (host_ != nullptr) host_->leave();
  exported_.held.clear();
  host_.reset();
}

// Only while nobody uses it: it is the collecting side's own file, and what an earlier process left there.
void HostileRun::edit_spool() {
  kill_host();
  const bool resize = script_.byte() == 0xff;
  const std::uint64_t place = script_.number() % (33 * kBlock);
  const std::span<const std::uint8_t> bytes = script_.take(script_.byte());
  const auto written = pwrite(spool_file(), bytes.data(), bytes.size(), static_cast<off_t>(place));
  const bool kept = resize ? ftruncate(spool_file(), static_cast<off_t>(place)) == 0
                           : written == static_cast<ssize_t>(bytes.size());
  promise(kept, "the spool's file can be written");
}

void HostileRun::check() {
  if (host_ == nullptr) return;
  const collect::HostBooks books = host_->books();
  promise(books.started == books.handed_on + books.dropped_no_room + books.dropped_lost_end +
                               books.dropped_spool_full + books.dropped_no_destination + books.not_kept +
                               books.in_flight,
          "the books balance");
  const std::size_t most = kMemoryOfAHost + kMemoryOverSpool * spool_size_;
  promise(heap_in_use() < heap_before_ + most, "memory follows the spool");
}

void HostileRun::check_line(const std::string& line) {
  promise(line.size() <= kLongestLine, "a line is short");
  const auto strange = [](char one) { return static_cast<unsigned char>(one) < 0x20 || one == 0x7f; };
  promise(std::none_of(line.begin(), line.end() - 1, strange), "a line has no control characters");
  promise(++lines_ <= kMostLines, "lines are few");
}

// Against the one segment of this process.
void play(std::span<const std::uint8_t> bytes) {
  static HostileSegment segment;
  HostileRun{segment, Script{bytes}}.play();
}

}  // namespace waybill::fuzz
