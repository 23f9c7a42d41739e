#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "waybill/client/internal/exporter_thread.h"
#include "waybill/collect/collector.h"
#include "waybill/configure/environment.h"
#include "waybill/support/expected.h"
#include "waybill/support/log.h"

namespace waybill::internal {

// A thread of this process that collects, as `waybill collect` does in its own: from a runtime directory that
// nobody else knows. Thread-safe.
class InProcessCollector {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  // An error: there is no room for its directory, for a thread, or for what the thread needs.
  // `exporters`: the application's own, which get spans besides those that the settings name.
  static Expected<std::unique_ptr<InProcessCollector>> start(
      const configure::Environment& settings, Log::Level level,
      const std::vector<std::shared_ptr<SpanExporter>>& exporters);
  // shutdown() was called.
  ~InProcessCollector() = default;

  const std::string& directory() const { return path_; }

  // True: all was sent by then.
  bool flush(Deadline deadline);
  bool shutdown(Deadline deadline);

  // After shutdown(): a broker that does not answer would hold the destructor up.
  bool waits_for_broker() const { return collector_->waits_for_broker(); }

 private:
  InProcessCollector(std::string path, Log::Level level) : path_{std::move(path)}, log_{level} {}

  void make_threads(const std::vector<std::shared_ptr<SpanExporter>>& exporters);
  collect::ExporterSet make_exporters(const configure::Settings& settings, Log& log);
  void work(collect::RuntimeDirectory directory, const configure::Environment& settings);
  void collect(collect::RuntimeDirectory directory, const configure::Environment& settings);
  void answer_flush(Deadline deadline);
  void finish(Deadline deadline);
  bool has_request();

  const std::string path_;
  Log log_;
  std::vector<std::unique_ptr<ExporterThread>> exporter_threads_;  // outlive the collector
  std::unique_ptr<collect::Collector> collector_;                  // the thread's
  std::thread thread_;

  std::mutex flushing_;  // one flush after the other; never taken by the thread
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  bool is_ready_ = false;
  std::optional<Deadline> flush_by_;
  std::optional<Deadline> finish_by_;
  bool is_all_sent_ = false;  // by the last flush, or by the end
  bool has_ended_ = false;
};

}  // namespace waybill::internal
