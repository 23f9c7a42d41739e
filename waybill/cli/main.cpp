// The `waybill` program: reads the command line and calls the command. Only this folder talks to a terminal.

#include <malloc.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "waybill/cli/broker_command.h"
#include "waybill/cli/collect_command.h"
#include "waybill/cli/config_command.h"
#include "waybill/cli/exit_code.h"
#include "waybill/cli/question_commands.h"
#include "waybill/cli/run_command.h"
#include "waybill/cli/server_command.h"
#include "waybill/cli/tune_command.h"
#include "waybill/support/version.h"

namespace {

using waybill::cli::BrokerOptions;
using waybill::cli::CollectOptions;
using waybill::cli::ConfigOptions;
using waybill::cli::RunOptions;
using waybill::cli::TuneOptions;

constexpr const char* kRunExamples =
    "\nUsage: waybill run [OPTIONS] -- COMMAND [ARGUMENTS...]\n\nExamples:\n"
    "  waybill run -- ./orders\n"
    "  waybill run -e OTEL_SERVICE_NAME=payments -- python3 payments.py\n"
    "  OTEL_TRACES_EXPORTER=console waybill run -- kcat -b localhost:9092 -C -t orders\n\n"
    "The program keeps its exit code, signals, stdin, stdout and stderr. Settings are the standard OTEL_* "
    "variables;\n"
    "waybill config lists them all.\n";

// "waybill help run" is "waybill run --help".
std::vector<std::string> arguments_of(int count, char** values) {
  std::vector<std::string> arguments(values + 1, values + count);
  if (!arguments.empty() && arguments[0] == "help") {
    arguments.erase(arguments.begin());
    arguments.push_back("--help");
  }
  return arguments;
}

bool is_command(CLI::App& app, const std::string& name) {
  const std::vector<CLI::App*> commands = app.get_subcommands([](CLI::App*) { return true; });
  return std::any_of(commands.begin(), commands.end(),
                     [&](const CLI::App* command) { return command->get_name() == name; });
}

// Takes the program and its arguments off the end of `waybill run [OPTIONS] [--] COMMAND [ARGUMENTS...]`:
// they are not ours to read, whatever they look like.
std::vector<std::string> take_command(std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments[0] != "run") return {};
  std::size_t at = 1;
  while (at < arguments.size() && arguments[at].starts_with("-") && arguments[at] != "--") {
    const bool takes_value = arguments[at] == "-e" || arguments[at] == "--env" || arguments[at] == "--books";
    at += takes_value ? 2 : 1;
  }
  at = std::min(at, arguments.size());
  std::vector<std::string> command{arguments.begin() + static_cast<std::ptrdiff_t>(at), arguments.end()};
  arguments.resize(at);
  if (!command.empty() && command.front() == "--") command.erase(command.begin());
  return command;
}

// What a round needs, the next one needs again: glibc would give it back to the kernel in between.
void keep_memory() {
  mallopt(M_MMAP_THRESHOLD, 8 << 20);
  mallopt(M_TRIM_THRESHOLD, 16 << 20);
}

}  // namespace

int main(int count, char** values) {
  keep_memory();
  CLI::App app{
      "Distributed tracing for Apache Kafka clients built on librdkafka: see every message's way, without "
      "changing a program."};
  app.name("waybill");
  app.set_version_flag("--version", std::string{"waybill "} + waybill::kVersion,
                       "Print the version and exit");
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::simple);

  RunOptions run;
  CLI::App* run_command = app.add_subcommand("run", "Run a program and trace its Kafka messages");
  run_command
      ->add_option("-e,--env", run.variables, "Set KEY=VALUE for the program; may be given several times")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  run_command
      ->add_option("--books", run.books_file, "Write what became of all spans to FILE, as JSON, at the end")
      ->type_name("FILE");
  run_command->add_flag("--wait", run.wait,
                        "Return only when all telemetry is delivered, not within two seconds");
  run_command->footer(kRunExamples);

  CollectOptions collect;
  CLI::App* collect_command = app.add_subcommand(
      "collect", "Collect from many programs: those with the plugin, and those that set WAYBILL_RUNTIME_DIR");
  collect_command
      ->add_option("--runtime-dir", collect.runtime_directory,
                   "Where programs put their segments (default: WAYBILL_RUNTIME_DIR, or /run/waybill for "
                   "root, or the user's own)")
      ->type_name("DIR");
  collect_command->add_flag(
      "--own-only", collect.own_only,
      "Read the segments of this user alone. Root otherwise reads those of all users in "
      "a directory that they may write into (mode 1733)");
  collect_command
      ->add_option("--books", collect.books_file,
                   "Write what became of all spans to FILE, as JSON, at the end")
      ->type_name("FILE");

  collect_command
      ->add_option("--deadline", collect.deadline_s,
                   "How long the receiver may take for what is left after SIGTERM or SIGINT; what is not "
                   "answered by then is kept for the next collecting process. A second signal ends at once")
      ->type_name("SECONDS")
      ->check(CLI::Range(0, 3600))
      ->capture_default_str();

  BrokerOptions broker;
  CLI::App* broker_command = app.add_subcommand(
      "broker", "Run a Kafka broker for development: in memory, on a loopback port, gone when it stops");
  broker_command
      ->add_option("--topic", broker.topics,
                   "Create a topic with so many partitions; may be given several times")
      ->type_name("NAME[:PARTITIONS]")
      ->allow_extra_args(false);
  broker_command->add_option("--brokers", broker.brokers, "How many brokers the cluster has")
      ->check(CLI::Range(1, 16))
      ->capture_default_str();

  ConfigOptions config;
  CLI::App* config_command = waybill::cli::describe_config_command(app, config);

  TuneOptions tune;
  CLI::App* tune_command = waybill::cli::describe_tune_command(app, tune);

  app.add_subcommand("server",
                     "Keep telemetry and show each message's way, latency, lag, flow and loss on web pages");

  waybill::cli::QuestionCommands questions;
  questions.describe(app);

  std::vector<std::string> arguments = arguments_of(count, values);
  // It has a command line of its own.
  if (!arguments.empty() && arguments[0] == "server")
    return waybill::cli::server_command({arguments.begin() + 1, arguments.end()});
  if (!arguments.empty() && !arguments[0].starts_with("-") && !is_command(app, arguments[0])) {
    std::fprintf(stderr,
                 "waybill: \"%s\" is no command; there are run, collect, config, tune, broker, server, "
                 "explain, trace, lag, flow, loss and help\n"
                 "Try 'waybill --help'.\n",
                 arguments[0].c_str());
    return waybill::cli::kUsage;
  }
  run.command = take_command(arguments);
  std::vector<std::string> reversed{arguments.rbegin(), arguments.rend()};
  try {
    app.parse(reversed);
  } catch (const CLI::Success& success) {  // --help and --version
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "waybill: %s\nTry 'waybill --help'.\n", error.what());
    return waybill::cli::kUsage;
  }

  if (run_command->parsed()) return waybill::cli::run_command(run);
  if (const auto code = questions.run()) return *code;
  if (collect_command->parsed()) return waybill::cli::collect_command(collect);
  if (config_command->parsed()) return waybill::cli::config_command(config);
  if (tune_command->parsed()) return waybill::cli::tune_command(tune);
  return waybill::cli::broker_command(broker);
}
