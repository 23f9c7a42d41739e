#pragma once

#include <string>

namespace waybill::cli {

struct CollectOptions {
  std::string runtime_directory;  // empty: the default
  std::string books_file;         // empty: none
  int deadline_s = 5;             // how long it may take to end
  bool own_only = false;
};

// `waybill collect`: reads the segments of all programs in a runtime directory until SIGINT or SIGTERM. A
// second of these ends it at once. Returns the exit code.
int collect_command(const CollectOptions& options);

}  // namespace waybill::cli
