#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "waybill/exporters/delivery.h"
#include "waybill/exporters/http_client.h"

namespace waybill::exporters {

// How one kind of receiver is spoken to by HTTP, whatever the bodies hold. Owned by one thread.
class ReceiverProtocol {
 public:
  virtual ~ReceiverProtocol() = default;

  virtual HttpVersion version() const { return HttpVersion::kAny; }

  // Those of a request that waits so long for its answer, besides the user's. `packed`: by gzip.
  virtual HttpHeaders headers(bool packed, std::chrono::milliseconds timeout) const = 0;

  // How large a body may be before it is packed.
  virtual std::size_t most_bytes() const { return SIZE_MAX; }

  // What is sent: valid until the next call, and no longer than `body`.
  virtual std::string_view frame(std::string_view body, bool packed) {
    static_cast<void>(packed);
    return body;
  }

  // What an answer means: kTaken, kRejected, or kUnreachable: then the request is sent again.
  virtual Delivery judge(const HttpAnswer& answer) const = 0;
};

// Headers of plain HTTP.
HttpHeaders content_headers(std::string_view type, bool packed);

// What the status alone says: 2xx is a yes; 429, 502, 503 and 504 mean "later" (OTLP specification,
// "OTLP/HTTP Response"); anything else is a no.
Delivery judge_status(const HttpAnswer& answer);

}  // namespace waybill::exporters
