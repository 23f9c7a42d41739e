#include "waybill/exporters/otlp_http_exporter.h"

#include <pthread.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "waybill/configure/parse.h"
#include "waybill/exporters/gzip.h"
#include "waybill/exporters/otlp_encoder.h"
#include "waybill/support/version.h"

namespace waybill::exporters {
namespace {

HttpHeaders request_headers(const configure::OtlpHttpSettings& settings) {
  HttpHeaders headers{{"Content-Type", "application/x-protobuf"},
                      {"User-Agent", std::string{"OTel-OTLP-Exporter-Waybill/"} + kVersion}};
  if (settings.compression == configure::Compression::kGzip) headers.emplace_back("Content-Encoding", "gzip");
  headers.insert(headers.end(), settings.headers.begin(), settings.headers.end());
  return headers;
}

bool may_retry(long status) { return status == 429 || status == 502 || status == 503 || status == 504; }

}  // namespace

OtlpHttpExporter::OtlpHttpExporter(const configure::OtlpHttpSettings& settings,
                                   const configure::BatchSettings& batch, Log& log, RetryPolicy retry)
    : settings_{settings},
      batch_{batch},
      retry_{retry},
      shown_endpoint_{configure::without_password(settings.endpoint)},
      log_{log},
      queue_{batch.max_queue_size},
      client_{settings.endpoint, request_headers(settings)},
      random_{std::random_device{}()},
      worker_{[this] { run(); }} {
  pthread_setname_np(worker_.native_handle(), "waybill:otlp");
}

OtlpHttpExporter::~OtlpHttpExporter() { shutdown(std::chrono::steady_clock::now()); }

bool OtlpHttpExporter::submit(std::shared_ptr<const telemetry::SpanBatch> batch) {
  const std::uint64_t spans = batch->spans.size();
  {
    const std::scoped_lock lock{mutex_};
    statistics_.submitted += spans;
    statistics_.pending += spans;
  }
  if (queue_.push(std::move(batch))) return true;
  const std::scoped_lock lock{mutex_};
  statistics_.pending -= spans;
  statistics_.dropped_queue_full += spans;
  lost_since_failure_ += spans;
  changed_.notify_all();
  return false;
}

bool OtlpHttpExporter::flush(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock{mutex_};
  if (statistics_.pending == 0) return true;
  const std::uint64_t settled_then = statistics_.submitted;
  queue_.hurry();
  return changed_.wait_until(lock, deadline,
                             [&] { return statistics_.submitted - statistics_.pending >= settled_then; });
}

void OtlpHttpExporter::shutdown(std::chrono::steady_clock::time_point deadline) {
  if (!worker_.joinable()) return;
  queue_.close();
  flush(deadline);
  {
    const std::scoped_lock lock{mutex_};
    stopping_ = true;
    changed_.notify_all();
  }
  client_.stop();
  worker_.join();
  const ExporterStatistics end = statistics();
  if (end.dropped() != 0) {
    log_.warning("otlp-lost " + shown_endpoint_,
                 std::to_string(end.dropped()) + " of " + std::to_string(end.submitted) + " spans for " +
                     shown_endpoint_ + " were lost: " + std::to_string(end.dropped_unreachable) +
                     " not answered, " + std::to_string(end.dropped_rejected) + " refused, " +
                     std::to_string(end.dropped_queue_full) + " beyond the queue");
  }
  if (end.pending != 0) {
    log_.info("otlp-kept " + shown_endpoint_, std::to_string(end.pending) + " spans for " + shown_endpoint_ +
                                                  " were not answered in time; the next collecting process "
                                                  "sends them");
  }
}

ExporterStatistics OtlpHttpExporter::statistics() const {
  const std::scoped_lock lock{mutex_};
  return statistics_;
}

void OtlpHttpExporter::run() {
  for (;;) {
    std::vector<BatchQueue::Batch> batches = queue_.pop(batch_.max_export_batch_size, batch_.schedule_delay);
    if (batches.empty()) return;
    Load load;
    for (const BatchQueue::Batch& batch : batches) {
      load.spans += batch->spans.size();
      if (batch->kept_for_next) load.kept_for_next += batch->spans.size();
    }
    const Result result = send_all(batches);
    batches.clear();  // first: who waits for a flush may then count on having them back
    settle(load, result);
  }
}

OtlpHttpExporter::Result OtlpHttpExporter::send_all(const std::vector<BatchQueue::Batch>& batches) {
  {
    const std::scoped_lock lock{mutex_};
    if (stopping_) return {Outcome::kStopped, 0, "it did not answer before the end"};
  }
  const std::string_view body = encoder_.encode(batches);
  return settings_.compression == configure::Compression::kGzip ? send(gzip(body)) : send(body);
}

OtlpHttpExporter::Result OtlpHttpExporter::send(std::string_view body) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point deadline = Clock::now() + settings_.timeout;
  for (int tries = 0;; ++tries) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    const Expected<HttpAnswer> answer = client_.post(body, left);
    Result result{Outcome::kUnreachable, 0, answer ? std::string{} : answer.error().message};
    std::chrono::milliseconds wait = backoff(tries);
    if (answer) {
      result = judge(*answer);
      if (answer->retry_after) wait = *answer->retry_after;
    }
    if (result.outcome != Outcome::kUnreachable) return result;
    const bool last = Clock::now() + wait >= deadline;
    if (!wait_before_retry(last ? std::chrono::milliseconds{0} : wait))
      return {Outcome::kStopped, 0, "it did not answer before the end"};
    if (last) return result;
    const std::scoped_lock lock{mutex_};
    ++statistics_.retries;
  }
}

OtlpHttpExporter::Result OtlpHttpExporter::judge(const HttpAnswer& answer) const {
  if (answer.status >= 200 && answer.status < 300) {
    PartialSuccess partial = decode_otlp_response(answer.body);
    return {Outcome::kTaken, partial.rejected_spans, std::move(partial.message)};
  }
  const std::string reason = "it answered " + std::to_string(answer.status);
  return {may_retry(answer.status) ? Outcome::kUnreachable : Outcome::kRejected, 0, reason};
}

// False: the exporter is being shut down.
bool OtlpHttpExporter::wait_before_retry(std::chrono::milliseconds wait) {
  std::unique_lock lock{mutex_};
  return !changed_.wait_for(lock, wait, [this] { return stopping_; });
}

std::chrono::milliseconds OtlpHttpExporter::backoff(int tries) {
  const double most = static_cast<double>(retry_.most.count());
  const double full =
      std::min(most, static_cast<double>(retry_.first.count()) * std::pow(retry_.factor, tries));
  std::uniform_real_distribution<double> jitter{0.5, 1.0};
  return std::chrono::milliseconds{static_cast<long>(full * jitter(random_))};
}

// What is to be said is said before anybody who waits for a flush goes on.
void OtlpHttpExporter::settle(Load load, const Result& result) {
  bool recovered = false;
  std::uint64_t lost_before = 0;
  if (result.outcome == Outcome::kTaken) {
    const std::scoped_lock lock{mutex_};
    recovered = std::exchange(away_, false);
    lost_before = recovered ? std::exchange(lost_since_failure_, 0) : 0;
  }
  tell(result, lost_before, recovered);

  const std::scoped_lock lock{mutex_};
  std::uint64_t lost = load.spans;
  if (result.outcome == Outcome::kStopped) lost -= load.kept_for_next;
  if (result.outcome == Outcome::kTaken) {
    const std::uint64_t rejected = std::min(result.rejected_spans, load.spans);
    statistics_.pending -= load.spans;
    statistics_.exported += load.spans - rejected;
    statistics_.dropped_rejected += rejected;
  } else {
    statistics_.pending -= lost;
    (result.outcome == Outcome::kRejected ? statistics_.dropped_rejected : statistics_.dropped_unreachable) +=
        lost;
    lost_since_failure_ += lost;
    away_ = true;
  }
  changed_.notify_all();
}

void OtlpHttpExporter::tell(const Result& result, std::uint64_t lost, bool recovered) {
  if (result.outcome == Outcome::kStopped) return;  // shutdown() says what is lost
  if (result.outcome != Outcome::kTaken) {
    log_.warning("otlp-away " + shown_endpoint_, "no spans get to " + shown_endpoint_ + ": " + result.reason +
                                                     "; they are dropped and counted");
  } else if (recovered) {
    log_.info("otlp-back " + shown_endpoint_,
              shown_endpoint_ + " takes spans again; " + std::to_string(lost) + " were lost in between");
  } else if (result.rejected_spans != 0) {
    log_.warning("otlp-partial " + shown_endpoint_, shown_endpoint_ + " refused " +
                                                        std::to_string(result.rejected_spans) +
                                                        " spans of a request: " + result.reason);
  }
}

}  // namespace waybill::exporters
