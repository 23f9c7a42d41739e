#pragma once

#include "waybill/exporters/otlp_encoder.h"
#include "waybill/exporters/request_format.h"

namespace waybill::exporters {

// OTLP/HTTP in protobuf: `http/protobuf`.
class OtlpProtobufFormat final : public RequestFormat {
 public:
  HttpHeaders headers() const override;
  std::string_view encode(Batches batches) override { return encoder_.encode(batches); }
  Delivery judge(const HttpAnswer& answer) const override;

 private:
  OtlpTraceEncoder encoder_;
};

}  // namespace waybill::exporters
