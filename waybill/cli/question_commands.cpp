#include "waybill/cli/question_commands.h"

#include <CLI/CLI.hpp>

#include "waybill/cli/answer_text.h"
#include "waybill/cli/hex_digits.h"

namespace waybill::cli {
namespace {

constexpr const char* kTraceExamples =
    "\nExamples:\n"
    "  waybill trace 4bf92f3577b34da6a3ce929d0e0e4736\n"
    "  waybill trace 4bf92f3577b34da6a3ce929d0e0e4736 --json\n\n"
    "Exit code: 0 answered, 1 the server is not reachable or refuses, 2 the command line is not understood,\n"
    "3 nothing is known of the trace.\n";

constexpr const char* kLagExamples =
    "\nExamples:\n"
    "  waybill lag\n"
    "  waybill lag --group billing --last 6h\n"
    "  waybill lag --topic orders --json\n";

constexpr const char* kFlowExamples =
    "\nExamples:\n"
    "  waybill flow\n"
    "  waybill flow --from 13:00 --to 14:00\n";

constexpr const char* kLossExamples =
    "\nExamples:\n"
    "  waybill loss --last 1d\n"
    "  waybill loss --topic orders --group billing\n"
    "  waybill loss --topic orders --json\n";

}  // namespace

void QuestionCommands::describe(CLI::App& app) {
  explain_command_ = describe_explain_command(app, explain_);
  describe_trace(app);
  const auto describe_command = [&](WindowCommand& options, const char* name, const char* what) {
    options.command = app.add_subcommand(name, what);
    describe_window(*options.command, options.window);
    describe_asking(*options.command, options.ask);
  };
  const auto describe_names = [](WindowCommand& options) {
    options.command->add_option("--group", options.group, "Only this group")->type_name("GROUP");
    options.command->add_option("--topic", options.topic, "Only this topic")->type_name("TOPIC");
  };
  describe_command(lag_, "lag", "Show how far each group is behind, why, and what would help");
  describe_names(lag_);
  lag_.command->footer(kLagExamples);
  describe_command(flow_, "flow",
                   "Show what flows between services, topics and groups, and who waits for whom");
  flow_.command->footer(kFlowExamples);
  describe_command(loss_, "loss", "Show what became of all messages, and which were lost");
  describe_names(loss_);
  loss_.command->footer(kLossExamples);
}

void QuestionCommands::describe_trace(CLI::App& app) {
  trace_command_ =
      app.add_subcommand("trace", "Show a trace, with links followed both ways, and where its time went");
  trace_command_->add_option("ID", trace_id_, "The trace: 32 hexadecimal digits")
      ->required()
      ->check(hex_digits(32));
  describe_asking(*trace_command_, trace_);
  trace_command_->footer(kTraceExamples);
}

std::optional<int> QuestionCommands::run() const {
  if (explain_command_->parsed()) return explain_command(explain_);
  if (trace_command_->parsed())
    return print("trace", trace_, ask(trace_, {"/traces/" + trace_id_, {}}), text_of_trace);
  if (lag_.command->parsed()) return run(lag_, "lag", text_of_lag);
  if (flow_.command->parsed()) return run(flow_, "flow", text_of_flow);
  if (loss_.command->parsed()) return run(loss_, "loss", text_of_loss);
  return std::nullopt;
}

int QuestionCommands::run(const WindowCommand& options, const std::string& name, TextOf text_of) {
  Question question{"/" + name, {}};
  if (const Expected<void> added = add_window(question, options.window); !added)
    return fail(name, added.error());
  if (!options.group.empty()) question.add("group", options.group);
  if (!options.topic.empty()) question.add("topic", options.topic);
  return print(name, options.ask, ask(options.ask, question), text_of);
}

}  // namespace waybill::cli
