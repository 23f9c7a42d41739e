#include "waybill/configure/setting_report.h"

#include <string_view>
#include <utility>

namespace waybill::configure {
namespace {

ReportedSetting report(const Setting& setting, const Environment& values, const Origins& origins) {
  ReportedSetting reported{&setting, std::nullopt};
  const std::optional<std::string_view> value = values.get(setting.name);
  if (!value) {
    if (!setting.default_text.empty()) reported.value = setting.default_text;
    return reported;
  }
  reported.origin = origins.find(setting.name)->second;
  reported.hidden = setting.secret;
  if (!setting.secret) reported.value = without_secrets(*value);
  return reported;
}

std::vector<ReportedSetting> report(const CombinedExporter& exporter) {
  std::vector<ReportedSetting> reported;
  for (const Setting& setting : known_settings()) {
    if (exporter.values.get(setting.name))
      reported.push_back(report(setting, exporter.values, exporter.origins));
  }
  return reported;
}

// Whoever asks `waybill server` has these: they are no settings of a traced program, and no mistake.
bool is_for_questions(std::string_view name) {
  return name == "WAYBILL_SERVER" || name == "WAYBILL_SERVER_TOKEN";
}

// What is set and no setting: Waybill's own prefix makes it a mistake, OpenTelemetry's may be for others.
void find_unknown(const CombinedSettings& combined, SettingReport& report) {
  for (const auto& [name, value] : combined.values.variables()) {
    if (find_setting(name) != nullptr || is_for_questions(name)) continue;
    if (name.starts_with("WAYBILL_")) report.problems.push_back({name, "there is no such setting"});
    if (name.starts_with("OTEL_")) report.unknown.push_back(name);
  }
}

}  // namespace

SettingReport report_settings(const SettingSources& sources) {
  CombinedSettings combined = combine(sources);
  SettingReport result;
  for (const Setting& setting : known_settings())
    result.settings.push_back(report(setting, combined.values, combined.origins));
  for (const CombinedExporter& exporter : combined.more_exporters)
    result.more_exporters.push_back(report(exporter));
  result.problems = resolve(combined).problems;
  find_unknown(combined, result);
  result.file = std::move(combined.file);
  result.replaced = std::move(combined.replaced);
  return result;
}

// Whatever stands between the scheme and the last "@" may be a password, also where a slash in it makes the
// URL wrong; and a token may stand behind the question mark.
std::string without_secrets(std::string_view value) {
  const std::size_t scheme = value.find("://");
  if (scheme == std::string_view::npos) return std::string{value};
  std::string shown{value.substr(0, scheme + 3)};
  value.remove_prefix(scheme + 3);
  if (const std::size_t at = value.rfind('@'); at != std::string_view::npos) {
    shown += "…@";
    value.remove_prefix(at + 1);
  }
  const std::size_t query = value.find('?');
  shown += value.substr(0, query);
  return query == std::string_view::npos ? shown : shown + "?…";
}

}  // namespace waybill::configure
