#include "waybill/client/internal/in_process_collector.h"

#include <pthread.h>

#include <csignal>
#include <exception>
#include <system_error>
#include <utility>

#include "waybill/client/internal/application_destination.h"
#include "waybill/exporters/make_exporters.h"
#include "waybill/exporters/queued_exporter.h"

namespace waybill::internal {
namespace {

// While it lives this thread takes no signal, nor does any that it makes: the application's signals are for
// its own threads.
class NoSignals {
 public:
  NoSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~NoSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  NoSignals(const NoSignals&) = delete;
  NoSignals& operator=(const NoSignals&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

Expected<std::unique_ptr<InProcessCollector>> InProcessCollector::start(
    const configure::Environment& settings, Log::Level level,
    const std::vector<std::shared_ptr<SpanExporter>>& exporters) {
  Expected<collect::RuntimeDirectory> directory = collect::RuntimeDirectory::make_private();
  if (!directory) return directory.error();
  std::unique_ptr<InProcessCollector> made{new InProcessCollector{directory->path(), level}};
  try {
    const NoSignals no_signals;
    made->make_threads(exporters);
    made->thread_ = std::thread{[self = made.get(), settings, held = std::move(*directory)]() mutable {
      self->work(std::move(held), settings);
    }};
  } catch (const std::system_error& error) {
    return Error{Error::Code::kIo, std::string{"no thread can be made that collects: "} + error.what()};
  }
  pthread_setname_np(made->thread_.native_handle(), "waybill");
  std::unique_lock lock{made->mutex_};
  made->changed_.wait(lock, [&] { return made->is_ready_ || made->has_ended_; });
  if (made->is_ready_) return made;
  lock.unlock();
  made->thread_.join();
  return Error{Error::Code::kIo, "nothing can be collected in this process"};  // it has said why
}

void InProcessCollector::make_threads(const std::vector<std::shared_ptr<SpanExporter>>& exporters) {
  for (const std::shared_ptr<SpanExporter>& one : exporters) {
    const std::size_t number = exporter_threads_.size() + 1;
    const std::string name =
        "the application's exporter" + (number == 1 ? std::string{} : " " + std::to_string(number));
    exporter_threads_.push_back(std::make_unique<ExporterThread>(one, name));
  }
}

// Each set of settings has queues of its own, the application's exporters are there once.
collect::ExporterSet InProcessCollector::make_exporters(const configure::Settings& settings, Log& log) {
  collect::ExporterSet made = exporters::make_exporters(settings, log);
  for (const auto& thread : exporter_threads_) {
    made.push_back(std::make_unique<exporters::QueuedExporter>(
        std::make_unique<ApplicationDestination>(*thread), settings.batch, log));
  }
  return made;
}

bool InProcessCollector::flush(Deadline deadline) {
  const std::scoped_lock one_after_the_other{flushing_};
  std::unique_lock lock{mutex_};
  if (has_ended_ || finish_by_) return is_all_sent_;
  flush_by_ = deadline;
  is_all_sent_ = false;
  changed_.wait_until(lock, deadline, [this] { return !flush_by_.has_value() || has_ended_; });
  return is_all_sent_;
}

bool InProcessCollector::shutdown(Deadline deadline) {
  std::unique_lock lock{mutex_};
  if (finish_by_) {  // somebody else does it
    changed_.wait(lock, [this] { return has_ended_; });
    return is_all_sent_;
  }
  finish_by_ = deadline;
  lock.unlock();
  thread_.join();
  return is_all_sent_;
}

// What goes wrong here must not end the application.
void InProcessCollector::work(collect::RuntimeDirectory directory, const configure::Environment& settings) {
  try {
    collect(std::move(directory), settings);
  } catch (const std::exception& error) {
    log_.warning("collector", std::string{"nothing is collected any more: "} + error.what());
  }
  const std::scoped_lock lock{mutex_};
  has_ended_ = true;
  flush_by_.reset();
  changed_.notify_all();
}

void InProcessCollector::collect(collect::RuntimeDirectory directory,
                                 const configure::Environment& settings) {
  collector_ = std::make_unique<collect::Collector>(
      std::move(directory), settings, log_, CLOCK_THREAD_CPUTIME_ID,
      [this](const configure::Settings& of_host, Log& log) { return make_exporters(of_host, log); });
  collector_->announce();
  {
    const std::scoped_lock lock{mutex_};
    is_ready_ = true;
    changed_.notify_all();
  }
  for (;;) {
    collector_->run([this] { return has_request(); });
    std::unique_lock lock{mutex_};
    const std::optional<Deadline> flush_by = flush_by_;
    const std::optional<Deadline> finish_by = finish_by_;
    lock.unlock();
    if (flush_by) answer_flush(*flush_by);
    if (finish_by) return finish(*finish_by);
  }
}

void InProcessCollector::answer_flush(Deadline deadline) {
  const bool is_all_sent = collector_->flush(deadline);
  const std::scoped_lock lock{mutex_};
  is_all_sent_ = is_all_sent;
  flush_by_.reset();
  changed_.notify_all();
}

// A host that lives leaves its segment to the next collecting process; here none will come.
void InProcessCollector::finish(Deadline deadline) {
  const auto now = std::chrono::steady_clock::now();
  const bool is_all_sent = collector_->flush(now + (deadline - now) / 2);
  collector_->finish(deadline);
  for (const auto& thread : exporter_threads_) (void)thread->shutdown(deadline);
  const std::scoped_lock lock{mutex_};
  is_all_sent_ = is_all_sent;
}

bool InProcessCollector::has_request() {
  const std::scoped_lock lock{mutex_};
  return flush_by_.has_value() || finish_by_.has_value();
}

}  // namespace waybill::internal
