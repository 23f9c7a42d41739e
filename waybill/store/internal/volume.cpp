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

// 0: it was not made to its end.
int version_of(const std::filesystem::path& file) {
  SQLite::Database database{file.string(), SQLite::OPEN_READONLY, 10'000};
  return database.execAndGet("PRAGMA user_version").getInt();
}

void check_version(const std::filesystem::path& file, int version) {
  if (version == kSchemaVersion || version == 0) return;
  throw SQLite::Exception{file.string() + " has version " + std::to_string(version) +
                          ", and this program reads " + std::to_string(kSchemaVersion)};
}

void add_time(Status& status, std::int64_t time_ns) {
  if (status.oldest_ns == 0 || time_ns < status.oldest_ns) status.oldest_ns = time_ns;
  status.newest_ns = std::max(status.newest_ns, time_ns);
}

Status add_counts(Status one, const Status& other) {
  one.spans += other.spans;
  one.log_records += other.log_records;
  one.points += other.points;
  if (other.newest_ns != 0) {
    add_time(one, other.oldest_ns);
    add_time(one, other.newest_ns);
  }
  return one;
}

}  // namespace

Volume::Volume(std::uint64_t number, std::filesystem::path file, bool is_written)
    : number_{number}, file_{std::move(file)} {
  const int version = size_of(file_) > 0 ? version_of(file_) : 0;
  check_version(file_, version);
  if (is_written) writer_ = std::make_unique<VolumeWriter>(file_.string());
  if (version != 0) found_ = VolumeReader{file_.string()}.count();
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

// A writer that threw is not used again: what its statements and memory hold is not known.
std::vector<std::vector<bool>> Volume::write(const std::vector<const Batch*>& batches) {
  std::vector<std::vector<bool>> are_new;
  if (writer_ == nullptr) writer_ = std::make_unique<VolumeWriter>(file_.string());
  try {
    writer_->begin();
    for (const Batch* batch : batches) are_new.push_back(writer_->insert(*batch));
    writer_->commit();
  } catch (...) {
    writer_.reset();
    const std::lock_guard lock{mutex_};
    found_ = add_counts(found_, written_);
    written_ = {};
    throw;
  }
  for (const Batch* batch : batches) learn(*batch);
  return are_new;
}

void Volume::learn(const Batch& batch) {
  const std::lock_guard lock{mutex_};
  written_.spans = writer_->added().spans;
  written_.log_records = writer_->added().log_records;
  written_.points = writer_->added().points;
  for (const evidence::Span& span : batch.spans) add_time(written_, span.start_ns);
  for (const evidence::LogRecord& record : batch.log_records) add_time(written_, record.time_ns);
  for (const evidence::MetricPoint& point : batch.points) add_time(written_, point.time_ns);
}

void Volume::close_writer() {
  writer_.reset();
  is_closed_ = true;
}

// What is written to the end is emptied, so that it takes no room and a later look at it needs no log. Of the
// one that is written the log is used again from its beginning once all of it is in the file.
void Volume::write_back() {
  const std::uint64_t log = size_of(with_ending(file_, "-wal"));
  const bool is_wanted = is_closed_ ? log > 0 : log >= kWrittenBackFrom;
  if (!is_wanted) {
    if (is_closed_) write_back_.reset();
    return;
  }
  if (write_back_ == nullptr)
    write_back_ = std::make_unique<SQLite::Database>(file_.string(), SQLite::OPEN_READWRITE, 1'000);
  const bool is_too_large = log >= kLargestLog;
  write_back_->exec(is_closed_ || is_too_large ? "PRAGMA wal_checkpoint(TRUNCATE)"
                                               : "PRAGMA wal_checkpoint(PASSIVE)");
}

Status Volume::status() const {
  Status status;
  {
    const std::lock_guard lock{mutex_};
    status = add_counts(found_, written_);
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
