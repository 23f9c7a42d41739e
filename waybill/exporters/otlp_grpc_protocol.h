#pragma once

#include <string>

#include "waybill/exporters/receiver_protocol.h"

namespace waybill::exporters {

// OTLP/gRPC (`grpc`), of any signal: unary calls over HTTP/2, as gRPC's "gRPC over HTTP2" describes them.
// What a status means is said in the OTLP specification, "OTLP/gRPC Response" and "OTLP/gRPC Throttling".
// Owned by one thread.
class OtlpGrpcProtocol final : public ReceiverProtocol {
 public:
  HttpVersion version() const override { return HttpVersion::kTwo; }
  // What gRPC servers take unless they are told otherwise.
  std::size_t most_bytes() const override { return std::size_t{4} << 20U; }
  HttpHeaders headers(bool packed, std::chrono::milliseconds timeout) const override;
  std::string_view frame(std::string_view body, bool packed) override;
  Delivery judge(const HttpAnswer& answer) const override;

 private:
  std::string message_;
};

}  // namespace waybill::exporters
