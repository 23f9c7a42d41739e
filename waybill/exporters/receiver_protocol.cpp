#include "waybill/exporters/receiver_protocol.h"

#include <string>

namespace waybill::exporters {

HttpHeaders content_headers(std::string_view type, bool packed) {
  HttpHeaders headers{{"Content-Type", std::string{type}}};
  if (packed) headers.emplace_back("Content-Encoding", "gzip");
  return headers;
}

Delivery judge_status(const HttpAnswer& answer) {
  using Outcome = Delivery::Outcome;
  const long status = answer.status;
  if (status >= 200 && status < 300) return {};
  const bool may_retry = status == 429 || status == 502 || status == 503 || status == 504;
  return {may_retry ? Outcome::kUnreachable : Outcome::kRejected, 0, "it answered " + std::to_string(status),
          0, answer.retry_after};
}

}  // namespace waybill::exporters
