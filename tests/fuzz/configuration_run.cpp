#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tests/fuzz/play.h"
#include "waybill/configure/configuration_file.h"
#include "waybill/configure/setting_table.h"

// An input is the text of a configuration file. A wild one may say anything, but only in settings that there
// are, each with its place; and one that is not used says nothing, and why.
namespace waybill::fuzz {
namespace {

using configure::ConfigurationFile;
using configure::Environment;

void require(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", promise);
  std::abort();
}

void check_settings(const ConfigurationFile& file) {
  for (const auto& [name, value] : file.settings.variables()) {
    require(configure::find_setting(name) != nullptr, "what the file says is a setting that there is");
    const bool absent = !file.said.contains(name);
    require(!absent || value == "none", "a setting that the file does not say is one that it leaves out");
  }
  for (const auto& [name, said] : file.said) {
    require(file.settings.variables().contains(name), "what was said has a value");
    require(said.position.line > 0 && said.position.column > 0 && !said.path.empty(),
            "what was said has a place");
  }
  for (const ConfigurationFile::Exporter& exporter : file.more_exporters) {
    for (const auto& [name, value] : exporter.settings.variables())
      require(configure::find_setting(name) != nullptr && exporter.said.contains(name),
              "what the file says of one more exporter is a setting that there is, with its place");
  }
}

}  // namespace

void play(std::span<const std::uint8_t> input) {
  Environment variables;
  variables.set("A", "1");
  variables.set("B", "${A}\nb: [");
  const std::string_view text{reinterpret_cast<const char*>(input.data()), input.size()};
  const ConfigurationFile file = configure::parse_configuration_file(text, variables);
  require(file.usable || (file.settings == Environment{} && file.said.empty()),
          "a file that is not used says nothing");
  require(file.usable || !file.problems.empty(), "why a file is not used is said");
  for (const configure::Problem& problem : file.problems)
    require(!problem.message.empty(), "a problem says what it is");
  check_settings(file);
  for (const configure::Problem& problem : configure::resolve(file.settings).problems)
    require(file.said.contains(problem.setting), "a wrong value has a place in the file");
}

}  // namespace waybill::fuzz
