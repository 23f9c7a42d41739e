#include "waybill/cli/tune_command.h"

#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string_view>
#include <utility>

#include "waybill/cli/config_output.h"
#include "waybill/cli/exit_code.h"
#include "waybill/cli/process_environment.h"
#include "waybill/collect/ask_to_tune.h"

namespace waybill::cli {
namespace {

constexpr const char* kExamples =
    "\nExamples:\n"
    "  waybill tune --pid 4242 --sampler traceidratio=0.01\n"
    "  waybill tune --pid 4242 --rules \"topic=payments.*:always_on; *:traceidratio=0.01\"\n"
    "  waybill tune --pid 4242 --keep errors,slow:500ms\n"
    "  waybill tune --pid 4242 --show\n"
    "  waybill tune --pid 4242 --reset\n";

// An option of the command and the setting that it changes.
void set(configure::Environment& changes, std::string_view name, const std::optional<std::string>& value) {
  if (value) changes.set(name, *value);
}

bool asks_for_rules(std::string_view sampler) { return sampler == "rules" || sampler == "parentbased_rules"; }

// A sampler with its number says what these settings say; rules belong to a sampler that asks for them.
void set_sampler(configure::Environment& changes, const TuneOptions& options) {
  std::string sampler = options.sampler.value_or(options.rules ? "parentbased_rules" : "");
  if (sampler.empty()) return;
  const std::size_t equals = std::min(sampler.find('='), sampler.size());
  const std::string number = sampler.substr(std::min(equals + 1, sampler.size()));
  sampler.resize(equals);
  changes.set("OTEL_TRACES_SAMPLER", sampler);
  changes.set("OTEL_TRACES_SAMPLER_ARG", number);
  if (!asks_for_rules(sampler) && !options.rules) changes.set("WAYBILL_SAMPLER_RULES", "");
}

configure::Environment changes_of(const TuneOptions& options) {
  configure::Environment changes;
  set_sampler(changes, options);
  set(changes, "WAYBILL_SAMPLER_RULES", options.rules);
  set(changes, "WAYBILL_SAMPLER_PARENTS", options.parents);
  set(changes, "WAYBILL_KEEP", options.keep);
  set(changes, "WAYBILL_INJECT", options.inject);
  set(changes, "WAYBILL_TOPICS_INCLUDE", options.include);
  set(changes, "WAYBILL_TOPICS_EXCLUDE", options.exclude);
  return changes;
}

// The host's own way to find its directory (observe/host_options.cpp), with its variables.
std::string runtime_directory_of(const configure::Environment& variables, uid_t owner) {
  if (const auto set = variables.get("WAYBILL_RUNTIME_DIR")) return std::string{*set};
  if (owner == 0) return "/run/waybill";
  if (const auto session = variables.get("XDG_RUNTIME_DIR")) return std::string{*session} + "/waybill";
  return "/dev/shm/waybill-" + std::to_string(owner);
}

Expected<std::string> find_runtime_directory(const TuneOptions& options) {
  struct stat facts {};
  const std::string process = "/proc/" + std::to_string(options.pid);
  if (stat(process.c_str(), &facts) != 0)
    return Error{Error::Code::kNotFound, "there is no process " + std::to_string(options.pid)};
  if (!options.runtime_directory.empty()) return options.runtime_directory;
  const Expected<configure::Environment> variables = environment_of_process(options.pid);
  if (!variables) {
    return Error{Error::Code::kIo, "process " + std::to_string(options.pid) +
                                       " is another user's: only that user and root may change its settings"};
  }
  return runtime_directory_of(*variables, facts.st_uid);
}

int fail(const std::string& message) {
  std::fprintf(stderr, "waybill tune: %s\n", printable(message).c_str());
  return kFailure;
}

void print(const collect::TuneAnswer& answer, int pid) {
  std::printf("%s (pid %d)\n", printable(answer.program).c_str(), pid);
  for (const collect::TunedSetting& setting : answer.settings) {
    std::printf("  %s = %s%s\n", setting.name.c_str(),
                setting.value.empty() ? "(none)" : printable(setting.value).c_str(),
                setting.tuned ? "   [tuned]" : "");
  }
}

}  // namespace

CLI::App* describe_tune_command(CLI::App& app, TuneOptions& options) {
  CLI::App* command =
      app.add_subcommand("tune", "Change what is sampled in a running program, until it ends or --reset");
  command->add_option("--pid", options.pid, "The program's process")
      ->type_name("PID")
      ->check(CLI::PositiveNumber)
      ->required();
  command->add_flag("--show", options.show, "Only print the settings that count");
  command->add_flag("--reset", options.reset, "Forget what was changed before");
  command
      ->add_option(
          "--sampler", options.sampler,
          "OTEL_TRACES_SAMPLER, with its number: always_on, traceidratio=0.01, parentbased_ratelimited=5")
      ->type_name("SAMPLER");
  command
      ->add_option("--rules", options.rules,
                   "WAYBILL_SAMPLER_RULES; the sampler is parentbased_rules then, if none is given")
      ->type_name("RULES");
  command->add_option("--parents", options.parents, "WAYBILL_SAMPLER_PARENTS")->type_name("PARENTS");
  command->add_option("--keep", options.keep, "WAYBILL_KEEP: errors,slow:500ms, or none")->type_name("LIST");
  command->add_option("--inject", options.inject, "WAYBILL_INJECT: always, sampled or never")
      ->type_name("WHEN");
  command->add_option("--include", options.include, "WAYBILL_TOPICS_INCLUDE")->type_name("TOPICS");
  command->add_option("--exclude", options.exclude, "WAYBILL_TOPICS_EXCLUDE")->type_name("TOPICS");
  command
      ->add_option("--runtime-dir", options.runtime_directory,
                   "Where the program puts its segment (default: as its environment says)")
      ->type_name("DIR");
  command->footer(kExamples);
  return command;
}

int tune_command(const TuneOptions& options) {
  collect::TuneRequest request{.pid = options.pid, .reset = options.reset, .changes = changes_of(options)};
  const bool changes_something = options.reset || !request.changes.variables().empty();
  if (options.show == changes_something) {
    std::fprintf(stderr,
                 "waybill tune: either --show is needed, or what to change\nTry 'waybill tune --help'.\n");
    return kUsage;
  }
  const Expected<std::string> directory = find_runtime_directory(options);
  if (!directory) return fail(directory.error().message);
  const Expected<collect::TuneAnswer> answer = collect::ask_to_tune(*directory, std::move(request));
  if (!answer) return fail(answer.error().message);
  for (const std::string& problem : answer->problems)
    std::fprintf(stderr, "waybill tune: %s\n", printable(problem).c_str());
  if (!answer->error.empty()) return fail(answer->error);
  print(*answer, options.pid);
  return kSuccess;
}

}  // namespace waybill::cli
