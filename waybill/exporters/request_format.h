#pragma once

#include <string_view>

#include "waybill/exporters/destination.h"
#include "waybill/exporters/http_client.h"

namespace waybill::exporters {

// How one kind of receiver wants spans in an HTTP request, and what its answers mean. Owned by one thread.
class RequestFormat {
 public:
  virtual ~RequestFormat() = default;

  // Those of each request, besides the user's.
  virtual HttpHeaders headers() const = 0;

  // The body, valid until the next call.
  virtual std::string_view encode(Batches batches) = 0;

  // kTaken, kRejected, or kUnreachable: then the request is sent again.
  virtual Delivery judge(const HttpAnswer& answer) const = 0;
};

// What the status alone says: 2xx is a yes; 429, 502, 503 and 504 mean "later" (OTLP specification,
// "OTLP/HTTP Response"); anything else is a no.
Delivery judge_status(const HttpAnswer& answer);

}  // namespace waybill::exporters
