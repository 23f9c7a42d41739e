#include "waybill/exporters/prometheus_labels.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "waybill/exporters/prometheus_names.h"
#include "waybill/exporters/sound_text.h"

namespace waybill::exporters {
namespace {

using telemetry::Attribute;

std::string list_of(std::span<const std::string_view> texts) {
  nlohmann::json list = nlohmann::json::array();
  for (const std::string_view one : texts) list.push_back(SoundText{one}.view());
  return list.dump();
}

std::string label_of(std::string_view key) {
  static constexpr std::string_view kOurs[] = {"job", "instance", "le", "quantile"};
  std::string label = prometheus_label(key);
  const bool is_ours = std::find(std::begin(kOurs), std::end(kOurs), label) != std::end(kOurs) ||
                       label.starts_with("otel_scope_") || label.starts_with("__");
  return is_ours ? "exported_" + label : label;
}

}  // namespace

std::string prometheus_number(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "+Inf" : "-Inf";
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, number);
  std::string shown{text, end};
  // OpenMetrics has whole bounds so, and Prometheus 3 makes them so.
  if (shown.find_first_of(".e") == std::string::npos) shown += ".0";
  return shown;
}

std::string prometheus_value(const telemetry::AttributeValue& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) return std::string{*text};
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean ? "true" : "false";
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
  if (const auto* real = std::get_if<double>(&value)) return nlohmann::json(*real).dump();
  return list_of(std::get<std::span<const std::string_view>>(value));
}

std::string prometheus_pair(std::string_view name, std::string_view value) {
  std::string pair = std::string{name} + "=\"";
  for (const char c : SoundText{value}.view()) {
    if (c == '\n') {
      pair += "\\n";
    } else if (c == '"' || c == '\\') {
      pair += '\\';
      pair += c;
    } else {
      pair += c;
    }
  }
  return pair + '"';
}

std::string prometheus_pairs(std::span<const Attribute> attributes) {
  std::vector<const Attribute*> sorted;
  for (const Attribute& one : attributes) sorted.push_back(&one);
  std::sort(sorted.begin(), sorted.end(),
            [](const auto* left, const auto* right) { return left->key < right->key; });
  std::map<std::string, std::string> labels;
  for (const Attribute* one : sorted) {
    const std::string label = label_of(one->key);
    if (label.empty()) continue;
    const auto [place, is_new] = labels.emplace(label, prometheus_value(one->value));
    if (!is_new) place->second += ";" + prometheus_value(one->value);
  }
  std::string pairs;
  for (const auto& [name, value] : labels) pairs += (pairs.empty() ? "" : ",") + prometheus_pair(name, value);
  return pairs;
}

}  // namespace waybill::exporters
