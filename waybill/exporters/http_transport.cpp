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
using std::chrono::milliseconds;

Delivery stopped() { return {Outcome::kStopped, 0, "it did not answer before the end", 0}; }

}  // namespace

HttpTransport::HttpTransport(const configure::HttpSettings& settings,
                             std::unique_ptr<ReceiverProtocol> protocol, RetryPolicy retry)
    : name_{configure::without_password(settings.endpoint)},
      headers_{settings.headers},
      timeout_{settings.timeout},
      pack_{settings.compression == configure::Compression::kGzip},
      retry_{retry},
      protocol_{std::move(protocol)},
      client_{settings.endpoint, settings.tls, protocol_->version()},
      random_{std::random_device{}()} {}

Delivery HttpTransport::send(std::string_view body, Deadline deadline) {
  {
    const std::scoped_lock lock{mutex_};
    if (stopped_) return stopped();
  }
  deadline = std::min(deadline, Clock::now() + timeout_);
  const std::string packed = pack_ ? gzip(body) : std::string{};
  return try_until(deadline, protocol_->frame(pack_ ? std::string_view{packed} : body, pack_));
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
    // Rounded up, so that one that hangs is not asked again for what is left.
    const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
    Delivery delivery = try_once(body, left);
    delivery.retries = retries;
    if (delivery.outcome != Outcome::kUnreachable) return delivery;
    const milliseconds asked_for = delivery.retry_after.value_or(milliseconds{0});
    const milliseconds wait = asked_for > milliseconds{0} ? asked_for : backoff(retries);
    const bool last = Clock::now() + wait >= deadline;
    if (!wait_before_retry(last ? milliseconds{0} : wait)) {
      delivery = stopped();
      delivery.retries = retries;
      return delivery;
    }
    if (last) return delivery;
  }
}

Delivery HttpTransport::try_once(std::string_view body, milliseconds timeout) {
  HttpHeaders headers = protocol_->headers(pack_, timeout);
  headers.insert(headers.end(), headers_.begin(), headers_.end());
  const Expected<HttpAnswer> answer = client_.post({std::move(headers), body, timeout});
  if (!answer) return {Outcome::kUnreachable, 0, answer.error().message, 0};
  return protocol_->judge(*answer);
}

milliseconds HttpTransport::backoff(std::uint64_t tries) {
  const double most = static_cast<double>(retry_.most.count());
  const double full = std::min(
      most, static_cast<double>(retry_.first.count()) * std::pow(retry_.factor, static_cast<double>(tries)));
  std::uniform_real_distribution<double> jitter{0.5, 1.0};
  return milliseconds{static_cast<long>(full * jitter(random_))};
}

// False: the destination was stopped.
bool HttpTransport::wait_before_retry(milliseconds wait) {
  std::unique_lock lock{mutex_};
  return !changed_.wait_for(lock, wait, [this] { return stopped_; });
}

}  // namespace waybill::exporters
