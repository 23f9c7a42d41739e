#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "waybill/store/store.h"

namespace waybill::store {

namespace internal {
class Volume;
}

struct SqliteStoreConfig {
  std::filesystem::path folder;
  std::uint64_t max_bytes = std::uint64_t{4} << 30U;
  std::chrono::seconds max_age = std::chrono::hours{24 * 7};
  // A volume is closed and the next one begun when it has so many spans, or a sixteenth of max_bytes.
  std::uint64_t spans_in_a_volume = 1'000'000;
  // A question whose answer takes longer gets an error in its place.
  std::chrono::milliseconds longest_read = std::chrono::seconds{15};
};

// A folder of volumes, SQLite files with a number for a name. One is written; the oldest is deleted whole
// when all of them are too large, or when all in it is too old. So writing stays as fast as on the first day.
//
// One thread writes: what several ask to be inserted at once is one transaction. Thread-safe.
class SqliteStore : public Store {
 public:
  // Makes the folder if it is not there. The error says why it cannot be used: another server uses it (a lock
  // is held in it), it is of another version, or it cannot be written.
  static Expected<std::unique_ptr<SqliteStore>> open(SqliteStoreConfig config);
  ~SqliteStore() override;

  Expected<std::vector<bool>> insert(const Batch& batch) override;
  Expected<std::vector<evidence::Span>> spans_of(const context::TraceId& trace, std::size_t most) override;
  Expected<std::vector<evidence::Span>> spans_linking_to(const context::TraceId& trace,
                                                         std::size_t most) override;
  Expected<std::vector<evidence::Span>> spans_at(const evidence::Place& place, std::size_t most) override;
  Expected<Found> search(const SpanQuery& query) override;
  Expected<std::vector<evidence::LogRecord>> log_records_of(const context::TraceId& trace,
                                                            std::size_t most) override;
  Expected<std::vector<evidence::MetricPoint>> points(const PointQuery& query, std::size_t most) override;
  Expected<std::vector<std::string>> names(NameKind kind, const std::string& prefix,
                                           std::size_t most) override;
  Status status() override;

  // Deletes volumes that are too old at this time, or too many. The writing thread does it about once a
  // second with the time of the machine.
  void forget_old(std::int64_t now_ns);

 private:
  struct Waiting;
  using Volumes = std::map<std::uint64_t, std::shared_ptr<internal::Volume>>;

  explicit SqliteStore(SqliteStoreConfig config);
  Expected<void> open_volumes();
  void write(const std::stop_token& stop);
  void write_back(const std::stop_token& stop);
  void write_all(const std::vector<Waiting*>& waiting);
  void roll_over();
  std::vector<std::shared_ptr<internal::Volume>> newest_first(const Window& window) const;
  template <typename Read>
  Expected<void> read(const Window& window, Read&& read) const;

  const SqliteStoreConfig config_;
  int lock_ = -1;                     // a file in the folder, locked
  mutable std::mutex volumes_mutex_;  // guards the two below
  Volumes volumes_;
  std::shared_ptr<internal::Volume> current_;
  std::mutex waiting_mutex_;  // guards what waits to be written
  std::condition_variable_any something_waits_;
  std::vector<Waiting*> waiting_;
  std::jthread writer_;
  std::jthread write_back_;
};

}  // namespace waybill::store
