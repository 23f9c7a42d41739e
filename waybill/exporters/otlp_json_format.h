#pragma once

#include <string>

#include "waybill/exporters/request_format.h"

namespace waybill::exporters {

// OTLP/HTTP in JSON: `http/json`.
class OtlpJsonFormat final : public RequestFormat {
 public:
  HttpHeaders headers() const override;
  std::string_view encode(Batches batches) override;
  Delivery judge(const HttpAnswer& answer) const override;

 private:
  std::string body_;
};

}  // namespace waybill::exporters
