#include "waybill/store/internal/volume.h"

#include <algorithm>
#include <utility>

namespace waybill::store::internal {
namespace {

constexpr std::size_t kMostIdle = 4;
constexpr std::uint64_t kWrittenBackFrom = 8 << 20;
constexpr std::uint64_t kLargestLog = 256 << 20;  // then writing waits until it is written back

std::uint64_t size_of(const std::filesystem::path& file) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(file, error);
  return error ? 0 : size;
}

std::filesystem::path with_ending(const std::filesystem::path& file, const char* ending) {
  return file.string() + ending;
}

void check_version(const std::filesystem::path& file) {
  SQLite::Database database{file.string(), SQLite::OPEN_READONLY, 10'000};
  const int version = database.execAndGet("PRAGMA user_version").getInt();
  if (version != kSchemaVersion) {
    throw SQLite::Exception{file.string() + " has version " + std::to_string(version) +
                            ", and this program reads " + std::to_string(kSchemaVersion)};
  }
}

void add_time(Status& status, std::int64_t time_ns) {
  if (status.oldest_ns == 0 || time_ns < status.oldest_ns) status.oldest_ns = time_ns;
  status.newest_ns = std::max(status.newest_ns, time_ns);
}

}  // namespace

Volume::Volume(std::uint64_t number, std::filesystem::path file, bool is_written)
    : number_{number}, file_{std::move(file)} {
  const bool was_there = size_of(file_) > 0;
  if (was_there) check_version(file_);
  if (is_written) writer_ = std::make_unique<VolumeWriter>(file_.string());
  if (was_there) found_ = VolumeReader{file_.string()}.count();
}

Volume::~Volume() {
  idle_.clear();
  write_back_.reset();
  writer_.reset();
  if (!is_deleted_) return;
  std::error_code ignored;
  for (const char* ending : {"", "-wal", "-shm"})
    std::filesystem::remove(with_ending(file_, ending), ignored);
}

std::uint64_t Volume::bytes() const { return size_of(file_) + size_of(with_ending(file_, "-wal")); }

void Volume::learn(const Batch& batch) {
  const std::lock_guard lock{mutex_};
  written_.spans = writer_->added().spans;
  written_.log_records = writer_->added().log_records;
  written_.points = writer_->added().points;
  for (const evidence::Span& span : batch.spans) add_time(written_, span.start_ns);
  for (const evidence::LogRecord& record : batch.log_records) add_time(written_, record.time_ns);
  for (const evidence::MetricPoint& point : batch.points) add_time(written_, point.time_ns);
}

void Volume::close_writer() { writer_.reset(); }

void Volume::write_back() {
  const std::uint64_t log = size_of(with_ending(file_, "-wal"));
  if (log < kWrittenBackFrom) return;
  if (write_back_ == nullptr)
    write_back_ = std::make_unique<SQLite::Database>(file_.string(), SQLite::OPEN_READWRITE, 10'000);
  write_back_->exec(log < kLargestLog ? "PRAGMA wal_checkpoint(PASSIVE)" : "PRAGMA wal_checkpoint(RESTART)");
}

Status Volume::status() const {
  Status status;
  {
    const std::lock_guard lock{mutex_};
    status = found_;
    status.spans += written_.spans;
    status.log_records += written_.log_records;
    status.points += written_.points;
    if (written_.newest_ns != 0) {
      add_time(status, written_.oldest_ns);
      add_time(status, written_.newest_ns);
    }
  }
  status.bytes = bytes();
  return status;
}

std::unique_ptr<VolumeReader> Volume::take_reader() {
  {
    const std::lock_guard lock{mutex_};
    if (!idle_.empty()) {
      std::unique_ptr<VolumeReader> reader = std::move(idle_.back());
      idle_.pop_back();
      return reader;
    }
  }
  return std::make_unique<VolumeReader>(file_.string());
}

void Volume::give_back(std::unique_ptr<VolumeReader> reader) {
  const std::lock_guard lock{mutex_};
  if (idle_.size() < kMostIdle) idle_.push_back(std::move(reader));
}

}  // namespace waybill::store::internal
