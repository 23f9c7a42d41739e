#pragma once

#include <string>

namespace CLI {
class App;
}

namespace waybill::cli {

struct ConfigOptions {
  bool json = false;
  bool only_set = false;
  int pid = 0;             // 0: this process
  std::string check_file;  // a file to check; empty: the settings are shown
};

// Adds `config` and its options to the command line.
CLI::App* describe_config_command(CLI::App& app, ConfigOptions& options);

// `waybill config`: prints every setting with its value, where that came from, and what it means; and what is
// wrong with them. Values that may be secrets are not printed. `waybill config check FILE`: prints what is
// wrong with a configuration file, and fails if something is. Returns the exit code.
int config_command(const ConfigOptions& options);

}  // namespace waybill::cli
