#include "waybill/exporters/otlp_http_protocol.h"

#include <string>
#include <utility>

#include "waybill/exporters/otlp_response.h"
#include "waybill/support/version.h"

namespace waybill::exporters {
namespace {

HttpHeaders headers_of(std::string_view type, bool packed) {
  HttpHeaders headers = content_headers(type, packed);
  headers.emplace_back("User-Agent", std::string{"OTel-OTLP-Exporter-Waybill/"} + kVersion);
  return headers;
}

template <typename Decode>
Delivery judge_with(const HttpAnswer& answer, Decode&& decode) {
  Delivery delivery = judge_status(answer);
  if (delivery.outcome != Delivery::Outcome::kTaken) return delivery;
  PartialSuccess partial = decode(answer.body);
  delivery.rejected_items = partial.rejected_items;
  delivery.reason = std::move(partial.message);
  return delivery;
}

}  // namespace

HttpHeaders OtlpHttpProtobufProtocol::headers(bool packed, std::chrono::milliseconds) const {
  return headers_of("application/x-protobuf", packed);
}

Delivery OtlpHttpProtobufProtocol::judge(const HttpAnswer& answer) const {
  return judge_with(answer, decode_otlp_response);
}

HttpHeaders OtlpHttpJsonProtocol::headers(bool packed, std::chrono::milliseconds) const {
  return headers_of("application/json", packed);
}

Delivery OtlpHttpJsonProtocol::judge(const HttpAnswer& answer) const {
  return judge_with(answer, decode_otlp_json_response);
}

}  // namespace waybill::exporters
