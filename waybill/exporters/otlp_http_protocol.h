#pragma once

#include "waybill/exporters/receiver_protocol.h"

namespace waybill::exporters {

// OTLP/HTTP in protobuf (`http/protobuf`), of any signal.
class OtlpHttpProtobufProtocol final : public ReceiverProtocol {
 public:
  HttpHeaders headers(bool packed, std::chrono::milliseconds timeout) const override;
  Delivery judge(const HttpAnswer& answer) const override;
};

// OTLP/HTTP in JSON (`http/json`), of any signal.
class OtlpHttpJsonProtocol final : public ReceiverProtocol {
 public:
  HttpHeaders headers(bool packed, std::chrono::milliseconds timeout) const override;
  Delivery judge(const HttpAnswer& answer) const override;
};

}  // namespace waybill::exporters
