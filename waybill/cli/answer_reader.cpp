#include "waybill/cli/answer_reader.h"

#include <algorithm>

#include "waybill/exporters/console_text.h"
#include "waybill/telemetry/utf8.h"

namespace waybill::cli {
namespace {

constexpr std::size_t kLongestText = 1'000;

}  // namespace

std::string fit_for_terminal(std::string_view text) {
  const std::string_view shown = telemetry::cut_utf8(text, kLongestText);
  return exporters::escaped(shown) + (shown.size() < text.size() ? "…" : "");
}

const Json& value_at(const Json& object, const char* name) {
  static const Json nothing;
  if (!object.is_object()) return nothing;
  const auto found = object.find(name);
  return found == object.end() ? nothing : *found;
}

const Json& list_at(const Json& object, const char* name) {
  static const Json empty = Json::array();
  const Json& value = value_at(object, name);
  return value.is_array() ? value : empty;
}

std::string text_at(const Json& object, const char* name) {
  return fit_for_terminal(raw_text_at(object, name));
}

std::string raw_text_at(const Json& object, const char* name) {
  const Json& value = value_at(object, name);
  return value.is_string() ? value.get<std::string>() : std::string{};
}

std::optional<double> number_at(const Json& object, const char* name) {
  const Json& value = value_at(object, name);
  return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

bool is_true_at(const Json& object, const char* name) {
  const Json& value = value_at(object, name);
  return value.is_boolean() && value.get<bool>();
}

std::string texts_at(const Json& object, const char* name) {
  std::string all;
  for (const Json& text : list_at(object, name)) {
    if (text.is_string()) all += (all.empty() ? "" : ", ") + fit_for_terminal(text.get<std::string>());
  }
  return all;
}

std::string words_at(const Json& object, const char* name) {
  std::string words = text_at(object, name);
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

}  // namespace waybill::cli
