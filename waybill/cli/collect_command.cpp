#include "waybill/cli/collect_command.h"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <utility>

#include "waybill/cli/books_file.h"
#include "waybill/cli/end_without_waiting.h"
#include "waybill/cli/exit_code.h"
#include "waybill/collect/collector.h"

namespace waybill::cli {
namespace {

volatile std::sig_atomic_t stop_requested = 0;

// A second signal finds the default action, and ends the process at once.
void request_stop(int) {
  stop_requested = 1;
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

void stop_on_signals() {
  struct sigaction action {};
  action.sa_handler = request_stop;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a write beyond ulimit -f fails, which is answered where it happens
}

}  // namespace

int collect_command(const CollectOptions& options) {
  const std::string path = options.runtime_directory.empty() ? collect::RuntimeDirectory::default_path()
                                                             : options.runtime_directory;
  Expected<collect::RuntimeDirectory> directory = collect::RuntimeDirectory::open(
      path, options.own_only ? collect::SegmentsOf::kOwnUser : collect::SegmentsOf::kAllUsers);
  if (!directory) {
    std::fprintf(stderr, "waybill collect: %s\n", directory.error().message.c_str());
    return kFailure;
  }
  stop_on_signals();
  configure::Environment variables = configure::Environment::from_list(environ);
  Log log{configure::resolve(configure::SettingSources{{}, variables}).settings.log_level};
  collect::Collector collector{std::move(*directory), std::move(variables), log};
  collector.announce();
  std::fprintf(stderr, "waybill collect: reading in %s\n", path.c_str());
  collector.run([] { return stop_requested != 0; });
  collector.finish(std::chrono::steady_clock::now() + std::chrono::seconds{options.deadline_s});
  if (!options.books_file.empty() && !write_books(options.books_file, collector.books())) {
    std::fprintf(stderr, "waybill collect: cannot write %s\n", options.books_file.c_str());
    return kFailure;
  }
  end_without_waiting(collector, kSuccess);
  return kSuccess;
}

}  // namespace waybill::cli
