#pragma once

#include <nlohmann/json.hpp>
#include <span>

#include "waybill/telemetry/span.h"

// What OTLP's JSON has in all signals (OTLP specification, "JSON Protobuf Encoding"). Pure functions.
namespace waybill::exporters {

// A number, or a text for what JSON has no number for.
nlohmann::ordered_json otlp_json_double(double number);

void append_otlp_json(nlohmann::ordered_json& list, const telemetry::Attribute& attribute);
nlohmann::ordered_json otlp_json_attributes(std::span<const telemetry::Attribute> attributes);

// An element of a request: a resource with our scope around the items, which have these names.
struct OtlpItemNames {
  const char* scopes;
  const char* items;
};
nlohmann::ordered_json otlp_json_in_scope(const telemetry::Resource& resource, const OtlpItemNames& names,
                                          nlohmann::ordered_json items);

}  // namespace waybill::exporters
