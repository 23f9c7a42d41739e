#pragma once

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace waybill::cli {

// What shall be changed; what is not given stays as it is.
struct TuneOptions {
  int pid = 0;
  bool show = false;
  bool reset = false;
  std::optional<std::string> sampler;  // as in a rule: traceidratio=0.01; or parentbased_…
  std::optional<std::string> rules;
  std::optional<std::string> parents;
  std::optional<std::string> keep;
  std::optional<std::string> inject;
  std::optional<std::string> include;
  std::optional<std::string> exclude;
  std::string runtime_directory;  // empty: where the process looks
};

// Adds `tune` and its options to the command line.
CLI::App* describe_tune_command(CLI::App& app, TuneOptions& options);

// `waybill tune`: changes settings of a running program, through the process that collects for it, and prints
// those that count. Returns the exit code.
int tune_command(const TuneOptions& options);

}  // namespace waybill::cli
