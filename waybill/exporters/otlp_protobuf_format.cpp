#include "waybill/exporters/otlp_protobuf_format.h"

#include <utility>

#include "waybill/support/version.h"

namespace waybill::exporters {

HttpHeaders OtlpProtobufFormat::headers() const {
  return {{"Content-Type", "application/x-protobuf"},
          {"User-Agent", std::string{"OTel-OTLP-Exporter-Waybill/"} + kVersion}};
}

Delivery OtlpProtobufFormat::judge(const HttpAnswer& answer) const {
  Delivery delivery = judge_status(answer);
  if (delivery.outcome != Delivery::Outcome::kTaken) return delivery;
  PartialSuccess partial = decode_otlp_response(answer.body);
  delivery.rejected_spans = partial.rejected_spans;
  delivery.reason = std::move(partial.message);
  return delivery;
}

}  // namespace waybill::exporters
