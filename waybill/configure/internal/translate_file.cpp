#include "waybill/configure/internal/translate_file.h"

#include <algorithm>

#include "waybill/configure/internal/setting_reader.h"
#include "waybill/configure/parse.h"
#include "waybill/configure/setting_table.h"

namespace waybill::configure::internal {
namespace {

using Kind = YamlNode::Kind;
using Type = FileProperty::Type;

// What is understood is version 1.0; a release candidate of it has the same properties.
void read_file_format(FileTranslation& translation, const FileValue& value) {
  const std::optional<std::string> text = translation.text(value);
  if (!text) return;
  const std::string_view version = *text;
  if (!version.starts_with("1.") || version.size() < 3) {
    translation.complain(value, quoted(version) + " is not version 1; the file is read as if it were 1.0");
  } else if (version != "1.0" && !version.starts_with("1.0-")) {
    translation.complain(value, quoted(version) + " is not 1.0; what other versions add is not known");
  }
}

// A severity may have a digit behind it, which says nothing here: "warn2".
void read_log_level(FileTranslation& translation, const FileValue& value) {
  std::optional<std::string> level = translation.text(value);
  if (!level) return;
  if (!level->empty() && level->back() >= '2' && level->back() <= '4') level->pop_back();
  translation.set("OTEL_LOG_LEVEL", *level, value);
}

void read_attribute_limits(FileTranslation& translation, const FileValue& limits) {
  static constexpr FileProperty kProperties[] = {
      {"attribute_value_length_limit", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", Type::kInteger},
      {"attribute_count_limit", "OTEL_ATTRIBUTE_COUNT_LIMIT", Type::kInteger},
  };
  translation.read_properties(limits, kProperties);
}

void add_once(std::vector<std::string>& names, std::string_view name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
}

// Without any, no context travels: so the specification has it.
void read_propagator(FileTranslation& translation, const FileValue& propagator) {
  static constexpr FileProperty kProperties[] = {{.key = "composite", .read = read_elsewhere},
                                                 {.key = "composite_list", .read = read_elsewhere}};
  translation.read_properties(propagator, kProperties);
  if (propagator.node->kind != Kind::kMapping) return;
  const std::vector<FileValue> entries = translation.entries(propagator);
  std::vector<std::string> names;
  if (const std::optional<FileValue> composite = find(entries, "composite")) {
    for (const FileValue& item : translation.items(*composite)) {
      const std::optional<FileValue> chosen = translation.only_entry(item);
      if (!chosen) continue;
      expect_nothing(translation, *chosen);
      add_once(names, chosen->key);
    }
  }
  const std::optional<FileValue> list = find(entries, "composite_list");
  if (const std::optional<std::string> text = list ? translation.text(*list) : std::nullopt) {
    for (const std::string_view name : parse_list(*text)) add_once(names, name);
  }
  std::string joined;
  for (const std::string& name : names) joined += (joined.empty() ? "" : ",") + name;
  if (!joined.empty()) translation.set("OTEL_PROPAGATORS", joined, propagator);
}

// A setting of Waybill's own may be one value or a list of such, joined as the variable has it.
std::optional<std::string> own_value(FileTranslation& translation, const FileValue& value,
                                     std::string_view separator) {
  if (value.node->kind != Kind::kSequence) return translation.text(value);
  std::string joined;
  for (const FileValue& item : translation.items(value)) {
    const std::optional<std::string> text = translation.text(item);
    if (!text) continue;
    if (!joined.empty()) joined += separator;
    joined += *text;
  }
  return joined;
}

void read_own_setting(FileTranslation& translation, const FileValue& value) {
  std::string variable = "WAYBILL_" + std::string{value.key};
  for (char& c : variable) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  const Setting* setting = find_setting(variable);
  if (setting == nullptr) return translation.complain(value, "there is no such setting; it is ignored");
  if (setting->group == SettingGroup::kHost) {
    return translation.complain(
        value, "the program needs this before the file is read: set " + variable + "; it is ignored");
  }
  const std::string_view separator = setting->name.starts_with("WAYBILL_SAMPLER_") ? ";" : ",";
  if (const std::optional<std::string> text = own_value(translation, value, separator))
    translation.set(variable, *text, value);
}

// The specification's place for what is not in its model. Other keys are for others.
void read_distribution(FileTranslation& translation, const FileValue& distribution) {
  const std::optional<FileValue> own = find(translation.entries(distribution), "waybill");
  if (!own) return;
  for (const FileValue& value : translation.entries(*own)) read_own_setting(translation, value);
}

constexpr FileProperty kRoot[] = {
    {.key = "file_format", .read = read_file_format},
    {"disabled", "OTEL_SDK_DISABLED", Type::kBoolean},
    {.key = "log_level", .read = read_log_level},
    {.key = "attribute_limits", .read = read_attribute_limits},
    {.key = "resource", .read = translate_resource},
    {.key = "propagator", .read = read_propagator},
    {.key = "tracer_provider", .read = translate_tracer_provider},
    {.key = "meter_provider", .read = translate_meter_provider},
    {.key = "logger_provider", .read = translate_logger_provider},
    {.key = "instrumentation/development"},
    {.key = "distribution", .read = read_distribution},
};

}  // namespace

void translate_file(const YamlNode& root, ConfigurationFile& file) {
  FileTranslation translation{file};
  const FileValue value{&root, {}, {}, root.position};
  translation.read_properties(value, kRoot);
  const std::optional<FileValue> format = find(translation.entries(value), "file_format");
  if (!format || format->node->kind == Kind::kNull)
    file.problems.push_back({"file_format", "it is missing; the file is read as if it were 1.0", {}, {1, 1}});
  // A part that is left out does nothing, which is not what it does when there is no file.
  for (const std::string_view variable :
       {"OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_LOGS_EXPORTER", "OTEL_PROPAGATORS"}) {
    if (!file.said.contains(variable)) file.settings.set(variable, "none");
  }
}

}  // namespace waybill::configure::internal
