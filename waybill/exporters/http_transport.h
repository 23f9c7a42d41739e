#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <string_view>

#include "waybill/configure/settings.h"
#include "waybill/exporters/http_client.h"
#include "waybill/exporters/receiver_protocol.h"
#include "waybill/exporters/transport.h"

namespace waybill::exporters {

// How long to wait before the next try (OTLP specification, "OTLP/HTTP Throttling", and the OTLP exporter
// page, "Retry").
struct RetryPolicy {
  std::chrono::milliseconds first{1'000};
  std::chrono::milliseconds most{5'000};
  double factor = 1.5;
};

// Posts bodies to one URL, as the protocol that is plugged in wants it. Tries again with growing pauses when
// no answer comes and when the protocol says so, and obeys Retry-After, all within the settings' time-out.
class HttpTransport final : public Transport {
 public:
  HttpTransport(const configure::HttpSettings& settings, std::unique_ptr<ReceiverProtocol> protocol,
                RetryPolicy retry = {});

  const std::string& name() const override { return name_; }
  std::size_t most_bytes() const override { return protocol_->most_bytes(); }
  Delivery send(std::string_view body, Deadline deadline) override;
  void stop() override;

 private:
  Delivery try_until(Deadline deadline, std::string_view body);
  Delivery try_once(std::string_view body, std::chrono::milliseconds timeout);
  std::chrono::milliseconds backoff(std::uint64_t tries);
  bool wait_before_retry(std::chrono::milliseconds wait);

  const std::string name_;     // the endpoint without a password
  const HttpHeaders headers_;  // the user's
  const std::chrono::milliseconds timeout_;
  const bool pack_;
  const RetryPolicy retry_;
  const std::unique_ptr<ReceiverProtocol> protocol_;
  HttpClient client_;
  std::minstd_rand random_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;  // guarded by mutex_
};

}  // namespace waybill::exporters
