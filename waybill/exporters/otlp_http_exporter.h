#pragma once

#include <condition_variable>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "waybill/configure/settings.h"
#include "waybill/exporters/batch_queue.h"
#include "waybill/exporters/http_client.h"
#include "waybill/exporters/otlp_encoder.h"
#include "waybill/exporters/span_exporter.h"
#include "waybill/support/log.h"

namespace waybill::exporters {

// How long to wait before the next try (OTLP specification, "OTLP/HTTP Throttling", and the OTLP exporter
// page, "Retry").
struct RetryPolicy {
  std::chrono::milliseconds first{1'000};
  std::chrono::milliseconds most{5'000};
  double factor = 1.5;
};

// Sends spans by OTLP/HTTP in protobuf, on one thread of its own. Tries again on 429, 502, 503, 504 and when
// no answer comes, within the export time-out; anything else but 2xx is a "no". While the receiver is away
// the queue fills and what does not fit is dropped; that is said once, and once more when the receiver is
// back.
class OtlpHttpExporter final : public SpanExporter {
 public:
  // `log` outlives the exporter.
  OtlpHttpExporter(const configure::OtlpHttpSettings& settings, const configure::BatchSettings& batch,
                   Log& log, RetryPolicy retry = {});
  ~OtlpHttpExporter() override;

  bool submit(std::shared_ptr<const telemetry::SpanBatch> batch) override;
  std::size_t room() const override { return queue_.room(); }
  bool flush(std::chrono::steady_clock::time_point deadline) override;
  void shutdown(std::chrono::steady_clock::time_point deadline) override;
  ExporterStatistics statistics() const override;

 private:
  enum class Outcome { kTaken, kRejected, kUnreachable, kStopped };
  struct Result {
    Outcome outcome = Outcome::kTaken;
    std::uint64_t rejected_spans = 0;  // of a request that was taken in part
    std::string reason;
  };

  // Spans that are on their way together.
  struct Load {
    std::uint64_t spans = 0;
    std::uint64_t kept_for_next = 0;
  };

  void run();
  Result send_all(const std::vector<BatchQueue::Batch>& batches);
  Result send(std::string_view body);
  Result judge(const HttpAnswer& answer) const;
  bool wait_before_retry(std::chrono::milliseconds wait);
  std::chrono::milliseconds backoff(int tries);
  void settle(Load load, const Result& result);
  void tell(const Result& result, std::uint64_t lost, bool recovered);

  const configure::OtlpHttpSettings settings_;
  const configure::BatchSettings batch_;
  const RetryPolicy retry_;
  const std::string shown_endpoint_;  // without a password
  Log& log_;
  BatchQueue queue_;
  OtlpTraceEncoder encoder_;  // of the worker
  HttpClient client_;
  std::minstd_rand random_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  ExporterStatistics statistics_;  // these are guarded by mutex_
  bool stopping_ = false;
  std::uint64_t lost_since_failure_ = 0;
  bool away_ = false;

  std::jthread worker_;
};

}  // namespace waybill::exporters
