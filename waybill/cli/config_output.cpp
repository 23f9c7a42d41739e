#include "waybill/cli/config_output.h"

#include <nlohmann/json.hpp>
#include <string_view>

#include "waybill/configure/configuration_doc.h"

namespace waybill::cli {
namespace {

using configure::Problem;
using configure::ReportedSetting;

std::string source_of(const ReportedSetting& reported, const ConfigOutput& output) {
  if (!reported.origin) return "default";
  if (reported.origin->kind != configure::Origin::Kind::kFile) return output.variables_of;
  return place_in(output.report.file, reported.origin->position);
}

std::string shown_value(const ReportedSetting& reported) {
  if (reported.hidden) return "(not shown)";
  return reported.value ? printable(*reported.value) : "(none)";
}

// Markdown's code marks say nothing on a terminal.
std::string plain(std::string_view markdown) {
  std::string text{markdown};
  std::erase(text, '`');
  return text;
}

// The words of `text` in lines of a width that reads well, each with blanks in front.
std::string wrapped(std::string_view text) {
  constexpr std::size_t kWidth = 92;
  constexpr std::string_view kIndent = "      ";
  std::string lines;
  std::string line{kIndent};
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (line.size() > kIndent.size() && line.size() + end > kWidth) {
      lines += line + "\n";
      line = kIndent;
    }
    line += (line.size() > kIndent.size() ? " " : "") + std::string{text.substr(0, end)};
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines + line + "\n";
}

std::string settings_as_text(const ConfigOutput& output) {
  std::string text;
  std::string_view title;
  for (const ReportedSetting& reported : output.report.settings) {
    if (output.only_set && !reported.origin) continue;
    if (const std::string_view next = configure::title_of(reported.setting->group); next != title) {
      title = next;
      text += (text.empty() ? "" : "\n") + std::string{title} + "\n\n";
    }
    text += "  " + std::string{reported.setting->name} + " = " + shown_value(reported) + "   [" +
            source_of(reported, output) + "]\n" + wrapped(plain(reported.setting->meaning));
  }
  return text;
}

std::string more_exporters_as_text(const ConfigOutput& output) {
  std::string text;
  for (const auto& exporter : output.report.more_exporters) {
    text += "\nOne more exporter\n\n";
    for (const ReportedSetting& reported : exporter)
      text += "  " + std::string{reported.setting->name} + " = " + shown_value(reported) + "   [" +
              source_of(reported, output) + "]\n";
  }
  return text;
}

void add_place(nlohmann::ordered_json& json, const std::string& file, configure::Position position) {
  json["file"] = file;
  if (position.line == 0) return;
  json["line"] = position.line;
  json["column"] = position.column;
}

nlohmann::ordered_json problem_as_json(const Problem& problem) {
  nlohmann::ordered_json json{{"setting", problem.setting}, {"message", problem.message}};
  if (!problem.file.empty()) add_place(json, problem.file, problem.position);
  return json;
}

nlohmann::ordered_json setting_as_json(const ReportedSetting& reported, const ConfigOutput& output) {
  const configure::Setting& setting = *reported.setting;
  nlohmann::ordered_json json{{"name", setting.name}, {"value", nullptr}, {"default", nullptr}};
  if (reported.value) json["value"] = *reported.value;
  if (!setting.default_text.empty()) json["default"] = setting.default_text;
  json["source"] = source_of(reported, output);
  if (reported.origin && reported.origin->kind == configure::Origin::Kind::kFile)
    add_place(json, output.report.file, reported.origin->position);
  json["secret"] = setting.secret;
  json["group"] = configure::title_of(setting.group);
  json["meaning"] = setting.meaning;
  return json;
}

std::string names_as_text(const std::string& title, const std::vector<std::string>& names) {
  if (names.empty()) return {};
  std::string text = "\n" + title + "\n\n";
  for (const std::string& name : names) text += "  " + printable(name) + "\n";
  return text;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string shown{text};
  for (char& c : shown) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return shown;
}

std::string config_as_text(const ConfigOutput& output) {
  std::string text = settings_as_text(output) + more_exporters_as_text(output);
  if (output.report.problems.empty()) {
    text += std::string{text.empty() ? "" : "\n"} + "No problems.\n";
  } else {
    text += std::string{text.empty() ? "" : "\n"} + "Problems\n\n";
    for (const Problem& problem : output.report.problems) text += "  " + printable(describe(problem)) + "\n";
  }
  text += names_as_text("Set, but the configuration file takes their place", output.report.replaced);
  return text + names_as_text("Set, and of no meaning to Waybill", output.report.unknown);
}

std::string config_as_json(const ConfigOutput& output) {
  nlohmann::ordered_json settings = nlohmann::ordered_json::array();
  for (const ReportedSetting& reported : output.report.settings) {
    if (!output.only_set || reported.origin) settings.push_back(setting_as_json(reported, output));
  }
  nlohmann::ordered_json exporters = nlohmann::ordered_json::array();
  for (const auto& exporter : output.report.more_exporters) {
    nlohmann::ordered_json& of_one = exporters.emplace_back(nlohmann::ordered_json::array());
    for (const ReportedSetting& reported : exporter) of_one.push_back(setting_as_json(reported, output));
  }
  nlohmann::ordered_json problems = nlohmann::ordered_json::array();
  for (const Problem& problem : output.report.problems) problems.push_back(problem_as_json(problem));
  nlohmann::ordered_json all{{"file", nullptr},
                             {"settings", settings},
                             {"more_exporters", exporters},
                             {"problems", problems},
                             {"replaced", output.report.replaced},
                             {"unknown", output.report.unknown}};
  if (!output.report.file.empty()) all["file"] = output.report.file;
  return all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace waybill::cli
