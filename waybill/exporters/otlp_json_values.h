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

}  // namespace waybill::exporters
