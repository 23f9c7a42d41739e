#include "waybill/exporters/batch_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace waybill::exporters {

bool BatchQueue::push(Batch batch) {
  const std::scoped_lock lock{mutex_};
  const std::size_t size = batch->spans.size();
  if (closed_ || (spans_ != 0 && spans_ + size > capacity_)) return false;
  spans_ += size;
  batches_.push_back(std::move(batch));
  changed_.notify_one();
  return true;
}

std::size_t BatchQueue::room() const {
  const std::scoped_lock lock{mutex_};
  return closed_ || spans_ > capacity_ ? 0 : capacity_ - spans_;
}

std::vector<BatchQueue::Batch> BatchQueue::pop(std::size_t most, std::chrono::milliseconds delay) {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return closed_ || !batches_.empty(); });
  changed_.wait_for(lock, delay, [&] { return closed_ || hurried_ || spans_ >= most; });
  std::vector<Batch> taken;
  std::size_t taken_spans = 0;
  while (!batches_.empty() && (taken.empty() || taken_spans + batches_.front()->spans.size() <= most)) {
    taken_spans += batches_.front()->spans.size();
    taken.push_back(std::move(batches_.front()));
    batches_.pop_front();
  }
  spans_ -= taken_spans;
  if (batches_.empty()) hurried_ = false;
  return taken;
}

std::vector<BatchQueue::Batch> BatchQueue::remove(const telemetry::Resource& of) {
  const std::scoped_lock lock{mutex_};
  const auto kept = std::stable_partition(batches_.begin(), batches_.end(),
                                          [&](const Batch& batch) { return batch->resource.get() != &of; });
  std::vector<Batch> removed{std::make_move_iterator(kept), std::make_move_iterator(batches_.end())};
  batches_.erase(kept, batches_.end());
  for (const Batch& batch : removed) spans_ -= batch->spans.size();
  return removed;
}

void BatchQueue::close() {
  const std::scoped_lock lock{mutex_};
  closed_ = true;
  changed_.notify_all();
}

void BatchQueue::hurry() {
  const std::scoped_lock lock{mutex_};
  if (batches_.empty()) return;
  hurried_ = true;
  changed_.notify_all();
}

}  // namespace waybill::exporters
