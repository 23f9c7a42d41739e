#include "waybill/exporters/otlp_json_values.h"

#include <cmath>
#include <string>
#include <utility>

#include "waybill/support/version.h"

namespace waybill::exporters {
namespace {

using Json = nlohmann::ordered_json;

Json array_value(std::span<const std::string_view> texts) {
  Json values = Json::array();
  for (const std::string_view text : texts) values.push_back({{"stringValue", text}});
  return {{"values", std::move(values)}};
}

Json any_value(const telemetry::AttributeValue& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) return {{"stringValue", *text}};
  if (const auto* boolean = std::get_if<bool>(&value)) return {{"boolValue", *boolean}};
  if (const auto* integer = std::get_if<std::int64_t>(&value))
    return {{"intValue", std::to_string(*integer)}};
  if (const auto* real = std::get_if<double>(&value)) return {{"doubleValue", otlp_json_double(*real)}};
  return {{"arrayValue", array_value(std::get<std::span<const std::string_view>>(value))}};
}

}  // namespace

Json otlp_json_double(double number) {
  if (std::isfinite(number)) return number;
  if (std::isnan(number)) return "NaN";
  return number > 0 ? "Infinity" : "-Infinity";
}

void append_otlp_json(Json& list, const telemetry::Attribute& attribute) {
  list.push_back({{"key", attribute.key}, {"value", any_value(attribute.value)}});
}

Json otlp_json_attributes(std::span<const telemetry::Attribute> attributes) {
  Json list = Json::array();
  for (const telemetry::Attribute& one : attributes) append_otlp_json(list, one);
  return list;
}

Json otlp_json_in_scope(const telemetry::Resource& resource, const OtlpItemNames& names, Json items) {
  Json scope;
  scope["scope"] = {{"name", telemetry::kScopeName}, {"version", kVersion}};
  scope[names.items] = std::move(items);
  scope["schemaUrl"] = telemetry::kSchemaUrl;
  Json element;
  element["resource"]["attributes"] = otlp_json_attributes(resource.attributes);
  element[names.scopes].push_back(std::move(scope));
  element["schemaUrl"] = telemetry::kSchemaUrl;
  return element;
}

}  // namespace waybill::exporters
