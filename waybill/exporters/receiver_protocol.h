#pragma once

#include <string_view>

#include "waybill/exporters/delivery.h"
#include "waybill/exporters/http_client.h"

namespace waybill::exporters {

// How one kind of receiver is spoken to by HTTP, whatever the bodies hold. Owned by one thread.
class ReceiverProtocol {
 public:
  virtual ~ReceiverProtocol() = default;

  // Those of each request, besides the user's.
  virtual HttpHeaders headers() const = 0;

  // What an answer means: kTaken, kRejected, or kUnreachable: then the request is sent again.
  virtual Delivery judge(const HttpAnswer& answer) const = 0;
};

// What the status alone says: 2xx is a yes; 429, 502, 503 and 504 mean "later" (OTLP specification,
// "OTLP/HTTP Response"); anything else is a no.
Delivery judge_status(const HttpAnswer& answer);

}  // namespace waybill::exporters
