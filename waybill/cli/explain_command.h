#pragma once

#include <optional>
#include <string>

#include "waybill/cli/asking.h"

namespace waybill::cli {

// A message is named in one of these ways: where it is in the log, by the context that travels with it, or by
// what a search finds.
struct ExplainOptions {
  AskOptions ask;
  WindowOptions window;  // of a search
  std::string place;     // TOPIC/PARTITION@OFFSET
  std::string trace;
  std::string span;
  std::string topic;
  std::optional<std::string> key;  // may be empty
};

// Adds `explain` and its options to the command line.
CLI::App* describe_explain_command(CLI::App& app, ExplainOptions& options);

// `waybill explain`: prints one message's way, and what became of it for each group. Returns the exit code.
int explain_command(const ExplainOptions& options);

}  // namespace waybill::cli
