#pragma once

#include <optional>
#include <string>
#include <vector>

#include "waybill/cli/asking.h"
#include "waybill/cli/explain_command.h"

namespace waybill::cli {

// The commands that ask a running `waybill server`: explain, trace, lag, flow and loss.
class QuestionCommands {
 public:
  // Adds them to the command line, which refers to this until it is read.
  void describe(CLI::App& app);

  // Runs the one that was given; none was: none. The exit code.
  std::optional<int> run() const;

 private:
  // A question about a window of time.
  struct WindowCommand {
    CLI::App* command = nullptr;
    AskOptions ask;
    WindowOptions window;
    std::string group;
    std::string topic;
  };

  void describe_trace(CLI::App& app);
  static int run(const WindowCommand& options, const std::string& name, TextOf text_of);

  CLI::App* explain_command_ = nullptr;
  ExplainOptions explain_;
  CLI::App* trace_command_ = nullptr;
  AskOptions trace_;
  std::string trace_id_;
  WindowCommand lag_;
  WindowCommand flow_;
  WindowCommand loss_;
};

}  // namespace waybill::cli
