#pragma once

#include <string>

namespace waybill::cli {

struct CollectOptions {
  std::string runtime_directory;  // empty: the default
  std::string books_file;         // empty: none
  bool own_only = false;
};

// `waybill collect`: reads the segments of all programs in a runtime directory until SIGINT or SIGTERM.
// Returns the exit code.
int collect_command(const CollectOptions& options);

}  // namespace waybill::cli
