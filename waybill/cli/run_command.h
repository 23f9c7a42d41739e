#pragma once

#include <string>
#include <vector>

namespace waybill::cli {

struct RunOptions {
  std::vector<std::string> variables;  // KEY=VALUE
  std::vector<std::string> command;
  std::string books_file;  // empty: none
  bool wait = false;       // for the last telemetry, however long it takes
};

// `waybill run`: runs a program under the preload shim and returns its exit code, or ends by its signal.
//
// Three processes: this one, in the foreground, passes signals on and waits; its child collects; the program
// is the collecting process's child. So the collecting side sees every descendant of the program end, and may
// stay behind to deliver the last spans while this process ends with the program.
int run_command(const RunOptions& options);

}  // namespace waybill::cli
