#include "waybill/configure/setting_sources.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "waybill/configure/configuration_file.h"
#include "waybill/configure/internal/setting_reader.h"
#include "waybill/configure/parse.h"
#include "waybill/configure/setting_table.h"

namespace waybill::configure {
namespace {

constexpr std::string_view kFileVariable = "OTEL_CONFIG_FILE";
constexpr std::string_view kExporters = "OTEL_TRACES_EXPORTER";
constexpr std::string_view kStandard = "OTEL_";
constexpr std::string_view kOwn = "WAYBILL_";
constexpr std::string_view kMetricsExporter = "OTEL_METRICS_EXPORTER";

bool is_prometheus(std::string_view name) { return internal::same_word(name, "prometheus"); }

void lay_over(CombinedSettings& combined, const Environment& variables, std::string_view prefix,
              Origin::Kind kind) {
  for (const auto& [name, value] : variables.variables()) {
    // Empty is the same as not set, so what lies under it counts.
    if (!name.starts_with(prefix) || trim(value).empty()) continue;
    combined.values.set(name, value);
    combined.origins.insert_or_assign(name, Origin{kind});
  }
}

// Lays what a file, or one exporter of it, says over what is there.
template <typename Combined, typename Said>
void lay_over(Combined& combined, const Said& said) {
  for (const auto& [name, value] : said.settings.variables()) {
    const auto place = said.said.find(name);
    combined.values.set(name, value);
    combined.origins.insert_or_assign(
        name, place == said.said.end()
                  ? Origin{Origin::Kind::kFile}
                  : Origin{Origin::Kind::kFile, place->second.path, place->second.position});
  }
}

// What says whether a terminal has colours: the collecting process's own, which writes there.
void add_terminal(CombinedSettings& combined, const Environment& variables) {
  for (const std::string_view name : {"NO_COLOR", "TERM"}) {
    if (const auto value = variables.get(name)) combined.values.set(name, *value);
  }
}

// The exporters of the file that its variables have no room for, unless a program says where its spans go.
void add_exporters(CombinedSettings& combined, const ConfigurationFile& file) {
  const auto origin = combined.origins.find(kExporters);
  if (origin == combined.origins.end() || origin->second.kind != Origin::Kind::kFile) return;
  for (const ConfigurationFile::Exporter& said : file.more_exporters)
    lay_over(combined.more_exporters.emplace_back(), said);
}

void lay_over_tuned(CombinedSettings& combined, const Environment& tuned) {
  for (const auto& [name, value] : tuned.variables()) {
    combined.values.forget(name);
    combined.origins.erase(name);
    if (trim(value).empty()) continue;
    combined.values.set(name, value);
    combined.origins.insert_or_assign(name, Origin{Origin::Kind::kTuned});
  }
}

void tell_replaced(CombinedSettings& combined, const Environment& variables) {
  for (const auto& [name, value] : variables.variables()) {
    if (name.starts_with(kStandard) && name != kFileVariable && !trim(value).empty())
      combined.replaced.push_back(name);
  }
}

// The file that counts, and who names it.
struct NamedFile {
  std::string path;  // empty: there is none
  bool by_program = false;
};

NamedFile named_file(const SettingSources& sources, std::vector<Problem>& problems) {
  const std::optional<std::string_view> own = sources.program.get(kFileVariable);
  const std::string defaults{sources.defaults.get(kFileVariable).value_or("")};
  // One that the collecting process names as well is of its own choice.
  if (!own || *own == defaults) return {defaults, own.has_value()};
  if (sources.same_user) return {std::string{*own}, true};
  problems.push_back(
      {std::string{kFileVariable},
       std::string{*own} +
           " is not read, because the program is another user's; its variables count instead"});
  return {defaults, false};
}

ConfigurationFile load(const NamedFile& named, const SettingSources& sources) {
  Environment variables = sources.defaults;
  if (sources.same_user) {
    for (const auto& [name, value] : sources.program.variables()) variables.set(name, value);
  }
  ConfigurationFile file = load_configuration_file(named.path, variables);
  for (Problem& problem : file.problems) problem.file = named.path;
  return file;
}

// A problem of a value that the file says is a problem of the file.
void place(Problem& problem, const Origins& origins, const std::string& file) {
  const auto origin = origins.find(problem.setting);
  if (origin == origins.end() || origin->second.kind != Origin::Kind::kFile) return;
  problem.file = file;
  problem.position = origin->second.position;
  if (!origin->second.path.empty()) problem.setting = origin->second.path;
}

bool names_prometheus(const Environment& variables) {
  const std::vector<std::string_view> names = parse_list(variables.get(kMetricsExporter).value_or(""));
  return std::find_if(names.begin(), names.end(), is_prometheus) != names.end();
}

// The variables of another user's program, which opens no port of the collecting process.
Environment without_ports(const SettingSources& sources, std::vector<Problem>& problems) {
  Environment program = sources.program;
  for (const std::string_view name : {"OTEL_EXPORTER_PROMETHEUS_HOST", "OTEL_EXPORTER_PROMETHEUS_PORT"})
    program.forget(name);
  if (!names_prometheus(program) || names_prometheus(sources.defaults)) return program;
  std::string others;
  for (const std::string_view name : parse_list(*program.get(kMetricsExporter))) {
    if (!is_prometheus(name)) others += (others.empty() ? "" : ",") + std::string{name};
  }
  program.set(kMetricsExporter, others.empty() ? "none" : others);
  problems.push_back({std::string{kMetricsExporter},
                      "prometheus is skipped, because the program is another user's: the collecting process "
                      "opens no port for it"});
  return program;
}

// Nor does a certificate say for another user's program who we are.
bool is_for_our_receivers(const Setting& setting) {
  return setting.secret || setting.name.find("_CLIENT_") != std::string_view::npos;
}

void keep_secrets(CombinedSettings& combined) {
  const auto names_receiver = [](const auto& one) {
    return one.second.kind == Origin::Kind::kProgram && one.first.find("_ENDPOINT") != std::string::npos;
  };
  if (std::none_of(combined.origins.begin(), combined.origins.end(), names_receiver)) return;
  for (const Setting& setting : known_settings()) {
    const auto origin = combined.origins.find(setting.name);
    if (!is_for_our_receivers(setting) || origin == combined.origins.end() ||
        origin->second.kind == Origin::Kind::kProgram)
      continue;
    combined.values.forget(setting.name);
    combined.origins.erase(origin);
  }
}

// What the file says of one exporter holds for that one alone; what only Waybill's own variables say, for
// all.
void resolve_exporter(const CombinedExporter& exporter, const CombinedSettings& combined,
                      Resolved& resolved) {
  Environment variables = exporter.values;
  for (const auto& [name, value] : combined.values.variables()) {
    const bool is_for_all = name.starts_with(kOwn) || !name.starts_with(kStandard);
    if (is_for_all && !exporter.values.get(name)) variables.set(name, value);
  }
  ResolvedExport more = resolve_export(variables);
  resolved.settings.more_exports.push_back(std::move(more.settings));
  for (Problem& problem : more.problems) {
    if (!exporter.origins.contains(problem.setting)) continue;  // it has been told already
    place(problem, exporter.origins, combined.file);
    resolved.problems.push_back(std::move(problem));
  }
}

}  // namespace

CombinedSettings combine(const SettingSources& sources) {
  CombinedSettings combined;
  const NamedFile named = named_file(sources, combined.problems);
  const Environment program = sources.same_user ? sources.program : without_ports(sources, combined.problems);
  ConfigurationFile file;
  if (!named.path.empty()) file = load(named, sources);
  combined.problems.insert(combined.problems.end(), file.problems.begin(), file.problems.end());
  if (file.usable) {
    combined.file = named.path;
    lay_over(combined, file);
    tell_replaced(combined, sources.defaults);
  } else {
    lay_over(combined, sources.defaults, kStandard, Origin::Kind::kCollectingProcess);
  }
  if (file.usable && named.by_program) {
    tell_replaced(combined, program);
  } else {
    lay_over(combined, program, kStandard, Origin::Kind::kProgram);
  }
  lay_over(combined, sources.defaults, kOwn, Origin::Kind::kCollectingProcess);
  lay_over(combined, program, kOwn, Origin::Kind::kProgram);
  add_exporters(combined, file);
  add_terminal(combined, sources.defaults);
  if (!named.path.empty()) {
    combined.values.set(kFileVariable, named.path);
    combined.origins.insert_or_assign(
        std::string{kFileVariable},
        Origin{named.by_program ? Origin::Kind::kProgram : Origin::Kind::kCollectingProcess});
  }
  if (!sources.same_user) keep_secrets(combined);
  lay_over_tuned(combined, sources.tuned);
  return combined;
}

Resolved resolve(const CombinedSettings& combined) {
  Resolved resolved = resolve(combined.values);
  for (Problem& problem : resolved.problems) place(problem, combined.origins, combined.file);
  for (const CombinedExporter& exporter : combined.more_exporters)
    resolve_exporter(exporter, combined, resolved);
  resolved.problems.insert(resolved.problems.begin(), combined.problems.begin(), combined.problems.end());
  return resolved;
}

std::vector<Problem> check_configuration_file(const std::string& path, const Environment& variables) {
  const ConfigurationFile file = load({path}, {variables, {}});
  CombinedSettings combined;
  combined.file = path;
  combined.problems = file.problems;
  lay_over(combined, file);
  add_exporters(combined, file);
  std::vector<Problem> problems = resolve(combined).problems;
  std::stable_sort(problems.begin(), problems.end(), [](const Problem& one, const Problem& other) {
    return one.position.line < other.position.line;
  });
  return problems;
}

Resolved resolve(const SettingSources& sources) { return resolve(combine(sources)); }

}  // namespace waybill::configure
