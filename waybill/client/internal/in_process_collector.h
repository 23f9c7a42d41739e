#pragma once

#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

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

  InProcessCollector(collect::RuntimeDirectory directory, const configure::Environment& settings,
                     Log::Level level);
  // shutdown() was called, or this is the child of a fork, where the thread is not.
  ~InProcessCollector() = default;

  const std::string& directory() const { return path_; }

  // True: all was sent by then.
  bool flush(Deadline deadline);
  bool shutdown(Deadline deadline);

 private:
  void work();
  bool has_request();
  std::uint64_t lost_spans() const;

  const std::string path_;
  Log log_;
  collect::Collector collector_;

  std::mutex mutex_;
  std::condition_variable answered_;
  // Guarded by mutex_.
  std::optional<Deadline> flush_by_;
  std::optional<Deadline> finish_by_;
  bool is_flushed_ = false;
  bool has_ended_ = false;

  std::thread thread_;  // begins last: it uses all of the above
};

}  // namespace waybill::internal
