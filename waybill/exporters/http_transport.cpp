#include "waybill/exporters/http_transport.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "waybill/configure/parse.h"
#include "waybill/exporters/gzip.h"

namespace waybill::exporters {
namespace {

using Clock = std::chrono::steady_clock;
using Outcome = Delivery::Outcome;

HttpHeaders request_headers(const configure::HttpSettings& settings, const ReceiverProtocol& protocol) {
  HttpHeaders headers = protocol.headers();
  if (settings.compression == configure::Compression::kGzip) headers.emplace_back("Content-Encoding", "gzip");
  headers.insert(headers.end(), settings.headers.begin(), settings.headers.end());
  return headers;
}

Delivery stopped() { return {Outcome::kStopped, 0, "it did not answer before the end", 0}; }

}  // namespace

HttpTransport::HttpTransport(const configure::HttpSettings& settings,
                             std::unique_ptr<ReceiverProtocol> protocol, RetryPolicy retry)
    : name_{configure::without_password(settings.endpoint)},
      timeout_{settings.timeout},
      pack_{settings.compression == configure::Compression::kGzip},
      retry_{retry},
      protocol_{std::move(protocol)},
      client_{settings.endpoint, request_headers(settings, *protocol_), settings.tls},
      random_{std::random_device{}()} {}

Delivery HttpTransport::send(std::string_view body, Deadline deadline) {
  {
    const std::scoped_lock lock{mutex_};
    if (stopped_) return stopped();
  }
  deadline = std::min(deadline, Clock::now() + timeout_);
  return pack_ ? try_until(deadline, gzip(body)) : try_until(deadline, body);
}

void HttpTransport::stop() {
  {
    const std::scoped_lock lock{mutex_};
    stopped_ = true;
    changed_.notify_all();
  }
  client_.stop();
}

Delivery HttpTransport::try_until(Deadline deadline, std::string_view body) {
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
Delivery HttpTransport::try_once(std::string_view body, std::chrono::milliseconds timeout,
                                 std::chrono::milliseconds& wait) {
  const Expected<HttpAnswer> answer = client_.post(body, timeout);
  if (!answer) return {Outcome::kUnreachable, 0, answer.error().message, 0};
  if (answer->retry_after) wait = *answer->retry_after;
  return protocol_->judge(*answer);
}

std::chrono::milliseconds HttpTransport::backoff(std::uint64_t tries) {
  const double most = static_cast<double>(retry_.most.count());
  const double full = std::min(
      most, static_cast<double>(retry_.first.count()) * std::pow(retry_.factor, static_cast<double>(tries)));
  std::uniform_real_distribution<double> jitter{0.5, 1.0};
  return std::chrono::milliseconds{static_cast<long>(full * jitter(random_))};
}

// False: the destination was stopped.
bool HttpTransport::wait_before_retry(std::chrono::milliseconds wait) {
  std::unique_lock lock{mutex_};
  return !changed_.wait_for(lock, wait, [this] { return stopped_; });
}

}  // namespace waybill::exporters
