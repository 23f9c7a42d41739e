#include "waybill/exporters/http_destination.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "waybill/configure/parse.h"
#include "waybill/exporters/gzip.h"

namespace waybill::exporters {
namespace {

using Outcome = Delivery::Outcome;

HttpHeaders request_headers(const configure::HttpSettings& settings, const RequestFormat& format) {
  HttpHeaders headers = format.headers();
  if (settings.compression == configure::Compression::kGzip) headers.emplace_back("Content-Encoding", "gzip");
  headers.insert(headers.end(), settings.headers.begin(), settings.headers.end());
  return headers;
}

Delivery stopped() { return {Outcome::kStopped, 0, "it did not answer before the end", 0}; }

}  // namespace

HttpDestination::HttpDestination(const configure::HttpSettings& settings,
                                 std::unique_ptr<RequestFormat> format, RetryPolicy retry)
    : name_{configure::without_password(settings.endpoint)},
      timeout_{settings.timeout},
      pack_{settings.compression == configure::Compression::kGzip},
      retry_{retry},
      format_{std::move(format)},
      client_{settings.endpoint, request_headers(settings, *format_), settings.tls},
      random_{std::random_device{}()} {}

Delivery HttpDestination::deliver(Batches batches) {
  {
    const std::scoped_lock lock{mutex_};
    if (stopped_) return stopped();
  }
  const std::string_view body = format_->encode(batches);
  return pack_ ? send(gzip(body)) : send(body);
}

void HttpDestination::stop() {
  {
    const std::scoped_lock lock{mutex_};
    stopped_ = true;
    changed_.notify_all();
  }
  client_.stop();
}

Delivery HttpDestination::send(std::string_view body) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point deadline = Clock::now() + timeout_;
  for (std::uint64_t retries = 0;; ++retries) {
    std::chrono::milliseconds wait = backoff(retries);
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    Delivery delivery = try_once(body, left, wait);
    delivery.retries = retries;
    if (delivery.outcome != Outcome::kUnreachable) return delivery;
    const bool last = Clock::now() + wait >= deadline;
    if (!wait_before_retry(last ? std::chrono::milliseconds{0} : wait)) {
      delivery = stopped();
      delivery.retries = retries;
      return delivery;
    }
    if (last) return delivery;
  }
}

// `wait` becomes what the receiver asks for, if it does.
Delivery HttpDestination::try_once(std::string_view body, std::chrono::milliseconds timeout,
                                   std::chrono::milliseconds& wait) {
  const Expected<HttpAnswer> answer = client_.post(body, timeout);
  if (!answer) return {Outcome::kUnreachable, 0, answer.error().message, 0};
  if (answer->retry_after) wait = *answer->retry_after;
  return format_->judge(*answer);
}

std::chrono::milliseconds HttpDestination::backoff(std::uint64_t tries) {
  const double most = static_cast<double>(retry_.most.count());
  const double full = std::min(
      most, static_cast<double>(retry_.first.count()) * std::pow(retry_.factor, static_cast<double>(tries)));
  std::uniform_real_distribution<double> jitter{0.5, 1.0};
  return std::chrono::milliseconds{static_cast<long>(full * jitter(random_))};
}

// False: the destination was stopped.
bool HttpDestination::wait_before_retry(std::chrono::milliseconds wait) {
  std::unique_lock lock{mutex_};
  return !changed_.wait_for(lock, wait, [this] { return stopped_; });
}

Delivery judge_status(const HttpAnswer& answer) {
  const long status = answer.status;
  if (status >= 200 && status < 300) return {};
  const bool may_retry = status == 429 || status == 502 || status == 503 || status == 504;
  return {may_retry ? Outcome::kUnreachable : Outcome::kRejected, 0, "it answered " + std::to_string(status),
          0};
}

}  // namespace waybill::exporters
