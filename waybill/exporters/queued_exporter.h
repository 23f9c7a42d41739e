#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "waybill/configure/settings.h"
#include "waybill/exporters/batch_queue.h"
#include "waybill/exporters/destination.h"
#include "waybill/exporters/span_exporter.h"
#include "waybill/support/log.h"

namespace waybill::exporters {

// Takes spans to one destination, on one thread of its own, and keeps the books. While the destination is
// away the queue fills and what does not fit is dropped; that is said once, and once more when it is back.
// The spans may stand for the log records that are made of them.
class QueuedExporter final : public SpanExporter {
 public:
  // What it says of the spans: what they are called, and whether those that were lost are told once more when
  // it ends. Log records go to a receiver that nobody may have named, so one line about it is enough.
  struct Words {
    const char* spans;
    bool tells_the_end;
  };
  static constexpr Words kSpans{"spans", true};
  static constexpr Words kLogRecords{"log records", false};

  // `log` outlives the exporter.
  QueuedExporter(std::unique_ptr<Destination> destination, const configure::BatchSettings& batch, Log& log,
                 Words words = kSpans);
  ~QueuedExporter() override;

  bool submit(std::shared_ptr<const telemetry::SpanBatch> batch) override;
  std::size_t room() const override { return queue_.room(); }
  void give_up(const telemetry::Resource& of) override;
  bool flush(std::chrono::steady_clock::time_point deadline) override;
  void shutdown(std::chrono::steady_clock::time_point deadline) override;
  ExporterStatistics statistics() const override;

 private:
  // Spans that are on their way together.
  struct Load {
    std::uint64_t spans = 0;
    std::uint64_t kept_for_next = 0;
  };

  void run();
  Deadline deadline_of_export() const;
  void count_beyond_queue(std::uint64_t spans);
  void settle(Load load, const Delivery& delivery);
  void tell(const Delivery& delivery, std::uint64_t lost, bool recovered);
  void tell_the_end();

  const std::unique_ptr<Destination> destination_;
  const configure::BatchSettings batch_;
  Log& log_;
  const Words words_;
  BatchQueue queue_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  ExporterStatistics statistics_;  // these are guarded by mutex_
  std::uint64_t lost_since_failure_ = 0;
  bool away_ = false;
  bool told_away_ = false;  // the worker's, until it has ended

  std::jthread worker_;
};

}  // namespace waybill::exporters
