#include "waybill/client/internal/exporter_thread.h"

#include <pthread.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "waybill/client/internal/span_views.h"

namespace waybill::internal {

using exporters::Deadline;
using exporters::Delivery;
using Outcome = Delivery::Outcome;

namespace {

constexpr std::chrono::seconds kTimeToEnd{1};  // for an exporter that was not shut down before

// A time that every clock can wait for.
Deadline soonest(Deadline deadline) {
  return std::min(deadline, std::chrono::steady_clock::now() + std::chrono::hours{24});
}

Delivery stopped() { return {Outcome::kStopped, 0, "it was not called before the end"}; }

}  // namespace

ExporterThread::ExporterThread(std::shared_ptr<SpanExporter> exporter, std::string name)
    : name_{std::move(name)}, work_{std::make_shared<Work>()} {
  work_->exporter = std::move(exporter);
  thread_ = std::thread{[work = work_] { run(work); }};
  pthread_setname_np(thread_.native_handle(), "waybill:program");
}

ExporterThread::~ExporterThread() {
  if (shutdown(std::chrono::steady_clock::now() + kTimeToEnd))
    thread_.join();
  else
    thread_.detach();
}

Delivery ExporterThread::deliver(Caller& caller, exporters::Batches batches, Deadline deadline) {
  deadline = soonest(deadline);
  Work& work = *work_;
  std::unique_lock lock{work.mutex};
  if (!work.changed.wait_until(lock, deadline, [&] { return work.call == nullptr || caller.stopped; }))
    return {Outcome::kUnreachable, 0, "an earlier call has not returned yet"};
  if (caller.stopped || work.shall_end) return stopped();
  const auto call = std::make_shared<Call>();
  call->batches.assign(batches.begin(), batches.end());
  work.call = call;
  work.changed.notify_all();
  work.changed.wait_until(lock, deadline, [&] { return call->answer.has_value() || caller.stopped; });
  if (call->answer) return *call->answer;
  if (caller.stopped) return stopped();
  return {Outcome::kUnreachable, 0, "it has not returned in time"};
}

void ExporterThread::stop(Caller& caller) {
  const std::scoped_lock lock{work_->mutex};
  caller.stopped = true;
  work_->changed.notify_all();
}

bool ExporterThread::shutdown(Deadline deadline) {
  std::unique_lock lock{work_->mutex};
  work_->shall_end = true;
  work_->changed.notify_all();
  return work_->changed.wait_until(lock, soonest(deadline), [this] { return work_->has_ended; });
}

void ExporterThread::run(const std::shared_ptr<Work>& work) {
  std::unique_lock lock{work->mutex};
  for (;;) {
    work->changed.wait(lock, [&] { return work->call != nullptr || work->shall_end; });
    if (work->call == nullptr) break;
    std::vector<Batch> batches = std::exchange(work->call->batches, {});
    lock.unlock();
    Delivery answer = export_by(*work->exporter, batches);
    batches.clear();  // first: who waits for a flush may then count on having them back
    lock.lock();
    work->call->answer = std::move(answer);
    work->call = nullptr;
    work->changed.notify_all();
  }
  lock.unlock();
  try {
    work->exporter->shutdown();
  } catch (...) {  // nothing depends on it any more
  }
  lock.lock();
  work->has_ended = true;
  work->changed.notify_all();
}

Delivery ExporterThread::export_by(SpanExporter& exporter, exporters::Batches batches) {
  try {
    if (exporter.export_spans(SpanViews{batches}.spans())) return {};
    return {Outcome::kRejected, 0, "it did not take them"};
  } catch (const std::exception& error) {
    return {Outcome::kRejected, 0, std::string{"it threw "} + error.what()};
  } catch (...) {
    return {Outcome::kRejected, 0, "it threw what is no std::exception"};
  }
}

}  // namespace waybill::internal
