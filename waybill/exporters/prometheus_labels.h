#pragma once

#include <span>
#include <string>
#include <string_view>

#include "waybill/telemetry/span.h"

// Labels as Prometheus reads them. Pure functions.
namespace waybill::exporters {

// A number as Prometheus has it: "42.0", "0.005", "+Inf", "NaN".
std::string prometheus_number(double number);

// An attribute's value as text.
std::string prometheus_value(const telemetry::AttributeValue& value);

// `name="value"`, with what must not stand there escaped.
std::string prometheus_pair(std::string_view name, std::string_view value);

// The attributes as pairs with commas between. Where two have the same name as a label, their values are
// joined with ";" in the order of their keys; one that has the name of a label that the page gives itself
// gets "exported_" in front.
std::string prometheus_pairs(std::span<const telemetry::Attribute> attributes);

}  // namespace waybill::exporters
