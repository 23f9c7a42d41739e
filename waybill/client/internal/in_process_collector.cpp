#include "waybill/client/internal/in_process_collector.h"

#include <pthread.h>

#include <csignal>
#include <utility>

namespace waybill::internal {

InProcessCollector::InProcessCollector(collect::RuntimeDirectory directory,
                                       const configure::Environment& settings, Log::Level level)
    : path_{directory.path()}, log_{level}, collector_{std::move(directory), settings, log_} {
  collector_.announce();
  // The application's signals are for its own threads.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread{[this] { work(); }};
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_setname_np(thread_.native_handle(), "waybill");
}

bool InProcessCollector::flush(Deadline deadline) {
  std::unique_lock lock{mutex_};
  if (has_ended_) return is_flushed_;
  flush_by_ = deadline;
  is_flushed_ = false;
  answered_.wait_until(lock, deadline, [this] { return !flush_by_.has_value() || has_ended_; });
  return is_flushed_;
}

bool InProcessCollector::shutdown(Deadline deadline) {
  {
    const std::scoped_lock lock{mutex_};
    if (finish_by_) return is_flushed_;
    finish_by_ = deadline;
  }
  thread_.join();
  return is_flushed_;
}

void InProcessCollector::work() {
  for (;;) {
    collector_.run([this] { return has_request(); });
    std::unique_lock lock{mutex_};
    const std::optional<Deadline> flush_by = flush_by_;
    const std::optional<Deadline> finish_by = finish_by_;
    lock.unlock();
    if (flush_by) {
      const bool done = collector_.flush(*flush_by);
      lock.lock();
      is_flushed_ = done;
      flush_by_.reset();
      answered_.notify_all();
      lock.unlock();
    }
    if (!finish_by) continue;
    const std::uint64_t lost = lost_spans();
    collector_.finish(*finish_by);
    const bool done = lost_spans() == lost && collector_.books().exporters.pending == 0;
    lock.lock();
    is_flushed_ = done;
    has_ended_ = true;
    answered_.notify_all();
    return;
  }
}

// Of those that were given to exporters.
std::uint64_t InProcessCollector::lost_spans() const {
  const exporters::ExporterStatistics books = collector_.books().exporters;
  return books.dropped_queue_full + books.dropped_rejected + books.dropped_unreachable;
}

bool InProcessCollector::has_request() {
  const std::scoped_lock lock{mutex_};
  return flush_by_.has_value() || finish_by_.has_value();
}

}  // namespace waybill::internal
