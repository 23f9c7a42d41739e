#include "waybill/exporters/queued_exporter.h"

#include <pthread.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace waybill::exporters {

using Outcome = Delivery::Outcome;

QueuedExporter::QueuedExporter(std::unique_ptr<Destination> destination,
                               const configure::BatchSettings& batch, Log& log, Words words)
    : destination_{std::move(destination)},
      batch_{batch},
      log_{log},
      words_{words},
      queue_{batch.max_queue_size},
      worker_{[this] { run(); }} {
  pthread_setname_np(worker_.native_handle(), "waybill:export");
}

QueuedExporter::~QueuedExporter() { shutdown(std::chrono::steady_clock::now()); }

bool QueuedExporter::submit(std::shared_ptr<const telemetry::SpanBatch> batch) {
  const std::uint64_t spans = batch->spans.size();
  {
    const std::scoped_lock lock{mutex_};
    statistics_.submitted += spans;
    statistics_.pending += spans;
  }
  if (queue_.push(std::move(batch))) return true;
  count_beyond_queue(spans);
  return false;
}

void QueuedExporter::give_up(const telemetry::Resource& of) {
  std::vector<BatchQueue::Batch> batches = queue_.remove(of);
  std::uint64_t spans = 0;
  for (const BatchQueue::Batch& batch : batches) spans += batch->spans.size();
  batches.clear();  // first, as in run()
  count_beyond_queue(spans);
}

void QueuedExporter::count_beyond_queue(std::uint64_t spans) {
  const std::scoped_lock lock{mutex_};
  statistics_.pending -= spans;
  statistics_.dropped_queue_full += spans;
  lost_since_failure_ += spans;
  changed_.notify_all();
}

bool QueuedExporter::flush(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock{mutex_};
  if (statistics_.pending == 0) return true;
  const std::uint64_t settled_then = statistics_.submitted;
  queue_.hurry();
  return changed_.wait_until(lock, deadline,
                             [&] { return statistics_.submitted - statistics_.pending >= settled_then; });
}

void QueuedExporter::shutdown(std::chrono::steady_clock::time_point deadline) {
  if (!worker_.joinable()) return;
  queue_.close();
  flush(deadline);
  destination_->stop();
  worker_.join();
  tell_the_end();
}

ExporterStatistics QueuedExporter::statistics() const {
  const std::scoped_lock lock{mutex_};
  return statistics_;
}

void QueuedExporter::run() {
  for (;;) {
    std::vector<BatchQueue::Batch> batches = queue_.pop(batch_.max_export_batch_size, batch_.schedule_delay);
    if (batches.empty()) return;
    Load load;
    for (const BatchQueue::Batch& batch : batches) {
      load.spans += batch->spans.size();
      if (batch->kept_for_next) load.kept_for_next += batch->spans.size();
    }
    const Delivery delivery = destination_->deliver(batches, deadline_of_export());
    batches.clear();  // first: who waits for a flush may then count on having them back
    settle(load, delivery);
  }
}

Deadline QueuedExporter::deadline_of_export() const {
  const bool has_limit = batch_.export_timeout > std::chrono::milliseconds{0};
  return has_limit ? std::chrono::steady_clock::now() + batch_.export_timeout : Deadline::max();
}

// What is to be said is said before anybody who waits for a flush goes on.
void QueuedExporter::settle(Load load, const Delivery& delivery) {
  bool recovered = false;
  std::uint64_t lost_before = 0;
  if (delivery.outcome == Outcome::kTaken) {
    const std::scoped_lock lock{mutex_};
    recovered = std::exchange(away_, false);
    lost_before = recovered ? std::exchange(lost_since_failure_, 0) : 0;
  }
  tell(delivery, lost_before, recovered);

  const std::scoped_lock lock{mutex_};
  statistics_.retries += delivery.retries;
  std::uint64_t lost = load.spans;
  if (delivery.outcome == Outcome::kStopped) lost -= load.kept_for_next;
  if (delivery.outcome == Outcome::kTaken) {
    const std::uint64_t rejected = std::min(delivery.rejected_items, load.spans);
    const std::uint64_t unreachable = std::min(delivery.unreachable_items, load.spans - rejected);
    statistics_.pending -= load.spans;
    statistics_.exported += load.spans - rejected - unreachable;
    statistics_.dropped_rejected += rejected;
    statistics_.dropped_unreachable += unreachable;
  } else {
    const bool all_rejected = delivery.outcome == Outcome::kRejected;
    const std::uint64_t rejected = all_rejected ? lost : std::min(delivery.rejected_items, lost);
    statistics_.pending -= lost;
    statistics_.dropped_rejected += rejected;
    statistics_.dropped_unreachable += lost - rejected;
    lost_since_failure_ += lost;
    away_ = true;
  }
  changed_.notify_all();
}

void QueuedExporter::tell(const Delivery& delivery, std::uint64_t lost, bool recovered) {
  const std::string& name = destination_->name();
  const std::string spans = words_.spans;
  if (delivery.outcome == Outcome::kStopped) return;  // tell_the_end() says what is lost
  if (delivery.outcome != Outcome::kTaken) {
    told_away_ = true;
    log_.warning(spans + " away " + name, "no " + spans + " get to " + name + ": " + delivery.reason +
                                              "; they are dropped and counted");
  } else if (recovered) {
    log_.info(spans + " back " + name,
              name + " takes " + spans + " again; " + std::to_string(lost) + " were lost in between");
  } else if (const std::uint64_t left_out = delivery.rejected_items + delivery.unreachable_items;
             left_out != 0) {
    log_.warning(spans + " partial " + name, name + " did not take " + std::to_string(left_out) + " " +
                                                 spans + " of an export: " + delivery.reason);
  }
}

void QueuedExporter::tell_the_end() {
  const std::string& name = destination_->name();
  const std::string spans = words_.spans;
  const ExporterStatistics end = statistics();
  const bool was_told = told_away_ && !words_.tells_the_end;
  if (end.dropped() != 0 && !was_told) {
    log_.warning(spans + " lost " + name,
                 std::to_string(end.dropped()) + " of " + std::to_string(end.submitted) + " " + spans +
                     " for " + name + " were lost: " + std::to_string(end.dropped_unreachable) +
                     " not answered, " + std::to_string(end.dropped_rejected) + " refused, " +
                     std::to_string(end.dropped_queue_full) + " beyond the queue");
  }
  if (end.pending != 0) {
    log_.info(spans + " kept " + name,
              std::to_string(end.pending) + " " + spans + " for " + name +
                  " were not answered in time; the next collecting process sends them");
  }
}

}  // namespace waybill::exporters
