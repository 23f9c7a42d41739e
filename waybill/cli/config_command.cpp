#include "waybill/cli/config_command.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "waybill/cli/config_output.h"
#include "waybill/cli/exit_code.h"
#include "waybill/cli/process_environment.h"
#include "waybill/support/expected.h"

namespace waybill::cli {
namespace {

constexpr const char* kExamples =
    "\nExamples:\n"
    "  waybill config\n"
    "  OTEL_TRACES_SAMPLER=always_off waybill config --only-set\n"
    "  waybill config --pid 4242 --json\n"
    "  waybill config check otel.yaml\n";

Expected<configure::Environment> environment_of(int pid) {
  if (pid == 0) return configure::Environment::from_list(environ);
  return environment_of_process(pid);
}

// The file as it counts for a program that has this process's other variables.
int check(const std::string& path) {
  const configure::Environment variables = configure::Environment::from_list(environ);
  const std::vector<configure::Problem> problems = configure::check_configuration_file(path, variables);
  for (const configure::Problem& problem : problems)
    std::printf("%s\n", printable(describe(problem)).c_str());
  return problems.empty() ? kSuccess : kFailure;
}

}  // namespace

CLI::App* describe_config_command(CLI::App& app, ConfigOptions& options) {
  CLI::App* command = app.add_subcommand(
      "config", "Show every setting: its value, where that came from, what it means, and what is wrong");
  command->add_flag("--json", options.json, "Print JSON, for programs");
  command->add_flag("--only-set", options.only_set, "Leave out settings that have their default");
  command->add_option("--pid", options.pid, "Read the variables with which process PID was started")
      ->type_name("PID")
      ->check(CLI::PositiveNumber);
  CLI::App* check = command->add_subcommand(
      "check", "Say what is wrong with a configuration file (OTEL_CONFIG_FILE), line by line");
  check->add_option("FILE", options.check_file, "The file")->required();
  command->footer(kExamples);
  return command;
}

int config_command(const ConfigOptions& options) {
  if (!options.check_file.empty()) return check(options.check_file);
  Expected<configure::Environment> environment = environment_of(options.pid);
  if (!environment) {
    std::fprintf(stderr, "waybill config: %s\n", environment.error().message.c_str());
    return kFailure;
  }
  const configure::SettingReport report = configure::report_settings({*environment, {}});
  const ConfigOutput output{
      report, options.pid == 0 ? "environment" : "environment of process " + std::to_string(options.pid),
      options.only_set};
  const std::string text = options.json ? config_as_json(output) : config_as_text(output);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return kSuccess;
}

}  // namespace waybill::cli
