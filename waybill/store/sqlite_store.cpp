#include "waybill/store/sqlite_store.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <future>
#include <set>

#include "waybill/store/internal/volume.h"

namespace waybill::store {
namespace {

using internal::Volume;
using internal::VolumeReader;

constexpr const char* kEnding = ".sqlite";
constexpr std::size_t kMostSpansAtOnce = 50'000;  // of one transaction

Error io_error(const std::string& what) { return Error{Error::Code::kIo, "store: " + what}; }

std::filesystem::path file_of(const std::filesystem::path& folder, std::uint64_t number) {
  std::string name = std::to_string(number);
  return folder / (std::string(10 - std::min<std::size_t>(10, name.size()), '0') + name + kEnding);
}

// 0: this is no volume.
std::uint64_t number_of(const std::filesystem::path& file) {
  if (file.extension() != kEnding) return 0;
  const std::string name = file.stem().string();
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return error == std::errc{} && end == name.data() + name.size() ? number : 0;
}

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

struct SqliteStore::Waiting {
  const Batch& batch;
  std::promise<Expected<std::vector<bool>>> done;
};

Expected<std::unique_ptr<SqliteStore>> SqliteStore::open(SqliteStoreConfig config) {
  std::error_code error;
  std::filesystem::create_directories(config.folder, error);
  if (error) return io_error("cannot make " + config.folder.string() + ": " + error.message());
  std::unique_ptr<SqliteStore> store{new SqliteStore{std::move(config)}};
  if (Expected<void> opened = store->open_volumes(); !opened) return opened.error();
  store->writer_ = std::jthread{[raw = store.get()](const std::stop_token& stop) { raw->write(stop); }};
  store->write_back_ =
      std::jthread{[raw = store.get()](const std::stop_token& stop) { raw->write_back(stop); }};
  return store;
}

SqliteStore::SqliteStore(SqliteStoreConfig config) : config_{std::move(config)} {}

SqliteStore::~SqliteStore() {
  write_back_ = {};
  writer_ = {};  // writes what waits
  if (lock_ >= 0) close(lock_);
}

Expected<void> SqliteStore::open_volumes() try {
  const std::filesystem::path lock = config_.folder / "lock";
  lock_ = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0) return io_error("cannot write in " + config_.folder.string() + ": " + std::strerror(errno));
  if (flock(lock_, LOCK_EX | LOCK_NB) != 0) return io_error("another server uses " + config_.folder.string());
  std::set<std::uint64_t> numbers;
  for (const auto& entry : std::filesystem::directory_iterator{config_.folder})
    if (const std::uint64_t number = number_of(entry.path()); number != 0) numbers.insert(number);
  if (numbers.empty()) numbers.insert(1);
  for (const std::uint64_t number : numbers) {
    const bool is_newest = number == *numbers.rbegin();
    volumes_[number] = std::make_shared<Volume>(number, file_of(config_.folder, number), is_newest);
    if (!is_newest) volumes_[number]->close_writer();
  }
  current_ = volumes_.rbegin()->second;
  return {};
} catch (const std::exception& error) {
  return io_error(error.what());
}

Expected<std::vector<bool>> SqliteStore::insert(const Batch& batch) {
  Waiting waiting{batch, {}};
  std::future<Expected<std::vector<bool>>> done = waiting.done.get_future();
  {
    const std::lock_guard lock{waiting_mutex_};
    waiting_.push_back(&waiting);
  }
  something_waits_.notify_one();
  return done.get();
}

void SqliteStore::write(const std::stop_token& stop) {
  auto looked = std::chrono::steady_clock::now();
  while (true) {
    std::vector<Waiting*> taken;
    {
      std::unique_lock lock{waiting_mutex_};
      something_waits_.wait_for(lock, stop, std::chrono::seconds{1}, [&] { return !waiting_.empty(); });
      std::size_t spans = 0;
      auto end = waiting_.begin();
      while (end != waiting_.end() && spans < kMostSpansAtOnce) spans += (*end++)->batch.spans.size();
      taken.assign(waiting_.begin(), end);
      waiting_.erase(waiting_.begin(), end);
    }
    if (!taken.empty()) write_all(taken);
    if (const auto now = std::chrono::steady_clock::now(); now - looked >= std::chrono::seconds{1}) {
      looked = now;
      forget_old(now_ns());
    }
    if (taken.empty() && stop.stop_requested()) return;
  }
}

void SqliteStore::write_back(const std::stop_token& stop) {
  std::mutex mutex;
  std::unique_lock lock{mutex};
  std::condition_variable_any never;
  while (!never.wait_for(lock, stop, std::chrono::milliseconds{500}, [&] { return stop.stop_requested(); })) {
    std::vector<std::shared_ptr<Volume>> volumes;
    {
      const std::lock_guard guard{volumes_mutex_};
      for (const auto& [number, volume] : volumes_) volumes.push_back(volume);
    }
    for (const std::shared_ptr<Volume>& volume : volumes) {
      try {
        volume->write_back();
      } catch (const std::exception&) {
        // It is tried again; if the disk is full, whoever writes hears of it.
      }
    }
  }
}

// All in one transaction, or nothing of it: the clients that hear of an error send again.
void SqliteStore::write_all(const std::vector<Waiting*>& waiting) {
  std::vector<const Batch*> batches;
  batches.reserve(waiting.size());
  for (const Waiting* one : waiting) batches.push_back(&one->batch);
  try {
    roll_over();
    std::vector<std::vector<bool>> are_new = current_->write(batches);
    for (std::size_t at = 0; at < waiting.size(); ++at) waiting[at]->done.set_value(std::move(are_new[at]));
  } catch (const std::exception& error) {
    for (Waiting* one : waiting) one->done.set_value(io_error(error.what()));
  }
}

// Begins the next volume if this one is full, or was written for so long that what came first would stay far
// beyond its time. Only the writing thread changes current_.
void SqliteStore::roll_over() {
  const Status status = current_->status();
  const bool is_full = status.spans >= config_.spans_in_a_volume || status.bytes >= config_.max_bytes / 16;
  const bool is_old = std::chrono::steady_clock::now() - current_->begun() >= config_.max_age / 16;
  if (!is_full && !is_old) return;
  const std::uint64_t next = current_->number() + 1;
  auto volume = std::make_shared<Volume>(next, file_of(config_.folder, next), true);
  current_->close_writer();
  const std::lock_guard lock{volumes_mutex_};
  volumes_[next] = volume;
  current_ = volume;
}

void SqliteStore::forget_old(std::int64_t now_ns) {
  const std::lock_guard lock{volumes_mutex_};
  std::uint64_t bytes = 0;
  for (const auto& [number, volume] : volumes_) bytes += volume->bytes();
  const std::int64_t oldest_kept_ns = now_ns - std::chrono::nanoseconds{config_.max_age}.count();
  while (volumes_.size() > 1) {
    const std::shared_ptr<Volume> oldest = volumes_.begin()->second;
    const Status status = oldest->status();
    const bool is_too_old = status.newest_ns != 0 && status.newest_ns < oldest_kept_ns;
    if (!is_too_old && bytes <= config_.max_bytes) return;
    bytes -= std::min(bytes, oldest->bytes());
    oldest->delete_at_end();
    volumes_.erase(volumes_.begin());
  }
}

std::vector<std::shared_ptr<Volume>> SqliteStore::newest_first(const Window& window) const {
  const std::lock_guard lock{volumes_mutex_};
  std::vector<std::shared_ptr<Volume>> all;
  for (auto volume = volumes_.rbegin(); volume != volumes_.rend(); ++volume) {
    const Status status = volume->second->status();
    const bool is_outside = status.newest_ns < window.from_ns || status.oldest_ns > window.to_ns;
    if (!is_outside) all.push_back(volume->second);
  }
  return all;
}

// Calls `read(volume, reader)` until it returns false.
template <typename Read>
Expected<void> SqliteStore::read(const Window& window, Read&& read) const try {
  const auto until = std::chrono::steady_clock::now() + config_.longest_read;
  for (const std::shared_ptr<Volume>& volume : newest_first(window)) {
    const bool goes_on = volume->with_reader([&](VolumeReader& reader) {
      reader.give_up_at(until);
      return read(*volume, reader);
    });
    if (!goes_on) break;
  }
  return {};
} catch (const SQLite::Exception& error) {
  if (error.getErrorCode() != SQLITE_INTERRUPT) return io_error(error.what());
  return Error{Error::Code::kTooLate, "store: the answer takes more than " +
                                          std::to_string(config_.longest_read.count()) +
                                          " ms; ask about a shorter time, or about one topic"};
} catch (const std::exception& error) {
  return io_error(error.what());
}

namespace {

// A span that came again after the next volume was begun stands in two of them.
bool append(std::vector<evidence::Span>& all, std::vector<evidence::Span> more, std::size_t most) {
  const std::size_t before = all.size();
  for (evidence::Span& span : more) {
    const auto is_same = [&](const evidence::Span& other) {
      return other.span_id == span.span_id && other.trace_id == span.trace_id;
    };
    const auto end = all.begin() + static_cast<std::ptrdiff_t>(before);
    if (before == 0 || std::find_if(all.begin(), end, is_same) == end) all.push_back(std::move(span));
  }
  return all.size() < most;
}

template <typename Value>
bool append(std::vector<Value>& all, std::vector<Value> more, std::size_t most) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  return all.size() < most;
}

}  // namespace

Expected<std::vector<evidence::Span>> SqliteStore::spans_of(const context::TraceId& trace, std::size_t most) {
  std::vector<evidence::Span> all;
  const Expected<void> done = read({}, [&](Volume&, VolumeReader& reader) {
    return append(all, reader.spans_of(trace, most - all.size()), most);
  });
  if (!done) return done.error();
  return all;
}

Expected<std::vector<evidence::Span>> SqliteStore::spans_linking_to(const context::TraceId& trace,
                                                                    std::size_t most) {
  std::vector<evidence::Span> all;
  const Expected<void> done = read({}, [&](Volume&, VolumeReader& reader) {
    return append(all, reader.spans_linking_to(trace, most - all.size()), most);
  });
  if (!done) return done.error();
  return all;
}

Expected<std::vector<evidence::Span>> SqliteStore::spans_at(const evidence::Place& place, std::size_t most) {
  std::vector<evidence::Span> all;
  const Expected<void> done = read({}, [&](Volume&, VolumeReader& reader) {
    return append(all, reader.spans_at(place, most - all.size()), most);
  });
  if (!done) return done.error();
  return all;
}

namespace {

struct Hit {
  std::int64_t start_ns;
  std::uint64_t volume;
  std::int64_t row;
  evidence::Span span;
};

// Newest first, and no more than these.
void keep_newest(std::vector<Hit>& hits, std::size_t most) {
  std::sort(hits.begin(), hits.end(), [](const Hit& one, const Hit& other) {
    return std::tie(one.start_ns, one.volume, one.row) > std::tie(other.start_ns, other.volume, other.row);
  });
  if (hits.size() > most) hits.resize(most);
}

}  // namespace

// Volumes overlap in time, as clients send late. Each gives its newest, and the newest of these are the
// answer. Once there are enough, a volume is only asked for newer ones.
Expected<Store::Found> SqliteStore::search(const SpanQuery& query) {
  std::vector<Hit> hits;
  Window window = query.window;
  window.to_ns = std::min(window.to_ns, query.before.start_ns);
  const Expected<void> done = read(window, [&](Volume& volume, VolumeReader& reader) {
    SpanQuery here = query;
    if (hits.size() >= query.most && !hits.empty())
      here.window.from_ns = std::max(here.window.from_ns, hits.back().start_ns);
    if (volume.status().newest_ns < here.window.from_ns) return true;
    // Of equal starts the higher volume comes first, then the higher row.
    const bool is_later_volume = query.before.volume != 0 && volume.number() > query.before.volume;
    if (is_later_volume) here.before = {query.before.start_ns - 1};
    const bool goes_on_here = volume.number() == query.before.volume;
    for (VolumeReader::Row& row : reader.search(here, goes_on_here))
      hits.push_back({row.span.start_ns, volume.number(), row.id, std::move(row.span)});
    keep_newest(hits, query.most);
    return true;
  });
  if (!done) return done.error();
  Found found;
  if (!hits.empty()) found.next = {hits.back().start_ns, hits.back().volume, hits.back().row};
  for (Hit& hit : hits) found.spans.push_back(std::move(hit.span));
  return found;
}

Expected<std::vector<evidence::LogRecord>> SqliteStore::log_records_of(const context::TraceId& trace,
                                                                       std::size_t most) {
  std::vector<evidence::LogRecord> all;
  const Expected<void> done = read({}, [&](Volume&, VolumeReader& reader) {
    return append(all, reader.log_records_of(trace, most - all.size()), most);
  });
  if (!done) return done.error();
  return all;
}

Expected<std::vector<evidence::MetricPoint>> SqliteStore::points(const PointQuery& query, std::size_t most) {
  std::vector<evidence::MetricPoint> all;
  const Expected<void> done = read(query.window, [&](Volume&, VolumeReader& reader) {
    return append(all, reader.points(query, most - all.size()), most);
  });
  if (!done) return done.error();
  std::stable_sort(all.begin(), all.end(),
                   [](const evidence::MetricPoint& one, const evidence::MetricPoint& other) {
                     return std::tie(one.series, one.time_ns) < std::tie(other.series, other.time_ns);
                   });
  return all;
}

Expected<std::vector<std::string>> SqliteStore::names(NameKind kind, const std::string& prefix,
                                                      std::size_t most) {
  std::set<std::string> names;
  const Expected<void> done = read({}, [&](Volume&, VolumeReader& reader) {
    reader.add_names(kind, prefix, most, names);
    return true;
  });
  if (!done) return done.error();
  std::vector<std::string> all{names.begin(), names.end()};
  if (all.size() > most) all.resize(most);
  return all;
}

Status SqliteStore::status() {
  Status all;
  for (const std::shared_ptr<Volume>& volume : newest_first({})) {
    const Status one = volume->status();
    all.spans += one.spans;
    all.log_records += one.log_records;
    all.points += one.points;
    all.bytes += one.bytes;
    if (one.newest_ns == 0) continue;
    all.oldest_ns = all.oldest_ns == 0 ? one.oldest_ns : std::min(all.oldest_ns, one.oldest_ns);
    all.newest_ns = std::max(all.newest_ns, one.newest_ns);
  }
  return all;
}

}  // namespace waybill::store
