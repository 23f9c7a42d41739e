#include "waybill/exporters/otlp_response.h"

#include <nlohmann/json.hpp>

#include "waybill/configure/parse.h"
#include "waybill/exporters/protobuf_reader.h"

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

PartialSuccess decode_otlp_response(std::string_view body) {
  PartialSuccess result;
  ProtobufReader::Field outer;
  for (ProtobufReader response{body}; response.next(outer);) {
    if (outer.number != 1) continue;  // partial_success
    ProtobufReader::Field inner;
    for (ProtobufReader partial{outer.bytes}; partial.next(inner);) {
      if (inner.number == 1) result.rejected_items = inner.varint;
      if (inner.number == 2) result.message = inner.bytes;
    }
  }
  return result;
}

PartialSuccess decode_otlp_json_response(std::string_view body) {
  PartialSuccess result;
  const json response = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!response.is_object()) return result;
  const json partial = response.value("partialSuccess", json::object());
  if (!partial.is_object()) return result;
  for (const char* name : {"rejectedSpans", "rejectedDataPoints", "rejectedLogRecords"}) {
    if (const auto rejected = partial.find(name); rejected != partial.end())
      result.rejected_items = number_of(*rejected);
  }
  if (const auto message = partial.find("errorMessage"); message != partial.end() && message->is_string())
    result.message = message->get<std::string>();
  return result;
}

}  // namespace waybill::exporters
