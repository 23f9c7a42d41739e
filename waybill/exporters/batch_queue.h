#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "waybill/telemetry/span.h"

namespace waybill::exporters {

// Batches of spans that wait for one exporter, bounded by the number of their spans. Thread-safe.
class BatchQueue {
 public:
  using Batch = std::shared_ptr<const telemetry::SpanBatch>;

  explicit BatchQueue(std::size_t capacity) : capacity_{capacity} {}

  // False: full; the batch stays with the caller. A batch that is larger than the whole queue goes in when it
  // is empty.
  bool push(Batch batch);

  // How many spans would fit now.
  std::size_t room() const;

  // Waits for a first batch, then up to `delay` for more, until they hold `most` spans. Empty only after
  // close().
  std::vector<Batch> pop(std::size_t most, std::chrono::milliseconds delay);

  // Takes out the batches of one host.
  std::vector<Batch> remove(const telemetry::Resource& of);

  // Nothing can be pushed any more; pop() gives what is left, without waiting.
  void close();

  // pop() stops waiting for more, until the queue is empty: somebody waits for a flush.
  void hurry();

 private:
  std::size_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Batch> batches_;  // these are guarded by mutex_
  std::size_t spans_ = 0;
  bool closed_ = false;
  bool hurried_ = false;
};

}  // namespace waybill::exporters
