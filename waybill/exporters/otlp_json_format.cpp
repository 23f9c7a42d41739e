#include "waybill/exporters/otlp_json_format.h"

#include <nlohmann/json.hpp>

#include "waybill/configure/parse.h"
#include "waybill/exporters/otlp_json_encoder.h"
#include "waybill/support/version.h"

namespace waybill::exporters {
namespace {

using nlohmann::json;

// A 64-bit number is a text in this JSON; a plain number is accepted too. 0 for anything else.
std::uint64_t number_of(const json& value) {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  if (!value.is_string()) return 0;
  return configure::parse_integer(value.get_ref<const std::string&>()).value_or(0);
}

}  // namespace

HttpHeaders OtlpJsonFormat::headers() const {
  return {{"Content-Type", "application/json"},
          {"User-Agent", std::string{"OTel-OTLP-Exporter-Waybill/"} + kVersion}};
}

std::string_view OtlpJsonFormat::encode(Batches batches) {
  body_ = otlp_json(batches);
  return body_;
}

Delivery OtlpJsonFormat::judge(const HttpAnswer& answer) const {
  Delivery delivery = judge_status(answer);
  if (delivery.outcome != Delivery::Outcome::kTaken) return delivery;
  const json body = json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
  if (!body.is_object()) return delivery;  // unreadable: all was taken
  const json partial = body.value("partialSuccess", json::object());
  if (!partial.is_object()) return delivery;
  if (const auto rejected = partial.find("rejectedSpans"); rejected != partial.end())
    delivery.rejected_spans = number_of(*rejected);
  if (const auto message = partial.find("errorMessage"); message != partial.end() && message->is_string())
    delivery.reason = message->get<std::string>();
  return delivery;
}

}  // namespace waybill::exporters
