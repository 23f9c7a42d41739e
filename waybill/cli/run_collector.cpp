#include "waybill/cli/run_collector.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "waybill/base/hook.h"
#include "waybill/cli/books_file.h"
#include "waybill/cli/end_without_waiting.h"
#include "waybill/cli/exit_code.h"
#include "waybill/cli/run_messages.h"
#include "waybill/collect/collector.h"

namespace waybill::cli {
namespace {

using collect::FileDescriptor;

// After the last descendant has ended: how long the receiver may take for what is left.
constexpr std::chrono::seconds kTimeToFinish{15};

void send(const FileDescriptor& report, RunMessage::Kind kind, int value) {
  const RunMessage message{kind, value};
  [[maybe_unused]] const ssize_t ignored = write(report.get(), &message, sizeof message);
}

// Where this program's file stands; as it was called where there is no /proc.
std::filesystem::path own_file() {
  std::error_code error;
  std::filesystem::path file = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto* called = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  if (error && called != nullptr) file = std::filesystem::absolute(called, error);
  return file;
}

// The loadable libraries beside this program: ../lib from a build folder or an installation.
Expected<std::string> find_preload_library() {
  std::error_code error;
  const std::filesystem::path program = own_file();
  for (const char* folder : {"../lib", "../lib/waybill", "."}) {
    const std::filesystem::path library = program.parent_path() / folder / "libwaybill-preload.so";
    if (std::filesystem::exists(library, error)) return std::filesystem::canonical(library, error).string();
  }
  return Error{Error::Code::kNotFound, "libwaybill-preload.so is not in ../lib beside " + program.string()};
}

// LD_PRELOAD separates names by blanks and colons, so a library in such a folder is reached through links.
std::string preload_name(const std::string& library, const std::string& runtime_directory) {
  if (library.find_first_of(" :") == std::string::npos) return library;
  const std::filesystem::path source{library};
  std::error_code ignored;
  for (const char* name : {"libwaybill-preload.so", "libwaybill-plugin.so"}) {
    std::filesystem::create_symlink(source.parent_path() / name,
                                    std::filesystem::path{runtime_directory} / name, ignored);
  }
  return runtime_directory + "/libwaybill-preload.so";
}

void set_variables(const RunOptions& options, const std::string& preload,
                   const std::string& runtime_directory) {
  setenv("WAYBILL_RUNTIME_DIR", runtime_directory.c_str(), 1);
  for (const std::string& variable : options.variables) {
    const std::size_t equals = variable.find('=');
    setenv(variable.substr(0, equals).c_str(), variable.c_str() + equals + 1, 1);
  }
  const char* others = std::getenv("LD_PRELOAD");
  const std::string value = others == nullptr || *others == '\0' ? preload : preload + ":" + others;
  setenv("LD_PRELOAD", value.c_str(), 1);
}

// In the child: becomes the program.
[[noreturn]] void become_program(const RunOptions& options) {
  std::vector<char*> arguments;
  for (const std::string& argument : options.command)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  const int error = errno;
  std::fprintf(stderr, "waybill run: cannot run %s: %s\n", arguments[0], std::strerror(error));
  _exit(error == ENOENT ? kNotFound : kCannotExecute);
}

constinit int report_of_signals = -1;

void tell_of_signal(int signal) {
  const base::ErrnoKeeper keep_errno;
  const RunMessage message{RunMessage::Kind::kSignalled, signal};
  [[maybe_unused]] const ssize_t ignored = write(report_of_signals, &message, sizeof message);
}

// A signal that comes here went to all of our processes, the program included.
void tell_of_signals(const FileDescriptor& report) {
  report_of_signals = report.get();
  struct sigaction action {};
  action.sa_handler = tell_of_signal;
  action.sa_flags = SA_RESTART;
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : kForwardedSignals) {
    sigaction(signal, &action, nullptr);
    sigaddset(&signals, signal);
  }
  sigprocmask(SIG_UNBLOCK, &signals, nullptr);
}

// From here on this process is in the background: a terminal's keys do not reach it, a service manager's
// SIGTERM does not end it before its hosts, and it holds neither stdin nor stdout, so that pipes end with the
// program.
void go_to_background(bool keeps_stdout, const FileDescriptor& report) {
  setpgid(0, 0);
  for (const int signal : {SIGTTOU, SIGTTIN, SIGPIPE}) std::signal(signal, SIG_IGN);
  tell_of_signals(report);
  const FileDescriptor nothing{open("/dev/null", O_RDWR | O_CLOEXEC)};
  dup2(nothing.get(), STDIN_FILENO);
  if (!keeps_stdout) dup2(nothing.get(), STDOUT_FILENO);
}

// A child that ends interrupts the collector's pause.
void wake_up_for_children() {
  struct sigaction action {};
  action.sa_handler = [](int) {};
  sigaction(SIGCHLD, &action, nullptr);
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_UNBLOCK, &child, nullptr);
}

// True when the foreground process has ended and nobody waits at our stderr.
bool left_alone(const FileDescriptor& report) {
  pollfd end{report.get(), 0, 0};
  return poll(&end, 1, 0) > 0 && (end.revents & POLLERR) != 0;
}

void let_go_of_stderr() {
  const FileDescriptor nothing{open("/dev/null", O_RDWR | O_CLOEXEC)};
  dup2(nothing.get(), STDERR_FILENO);
}

// Waits for children without blocking; reports the program's end. True when no descendant is left.
bool reap(pid_t program, const FileDescriptor& report) {
  for (;;) {
    int status = 0;
    const pid_t child = waitpid(-1, &status, WNOHANG);
    if (child == program) send(report, RunMessage::Kind::kEnded, status);
    if (child == 0) return false;
    if (child < 0) return errno == ECHILD;
  }
}

int fail(const FileDescriptor& report, const std::string& message) {
  std::fprintf(stderr, "waybill run: %s\n", message.c_str());
  send(report, RunMessage::Kind::kFailed, kFailure);
  return kFailure;
}

template <typename Kind>
bool has(const std::vector<Kind>& kinds, Kind kind) {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

bool write_to_stdout(const configure::ExportSettings& settings) {
  return settings.console.target == configure::ConsoleTarget::kStdout ||
         has(settings.traces_exporters, configure::ExporterKind::kOtlpStdout);
}

// Whether the collecting process needs the program's stdout.
bool telemetry_goes_to_stdout(const configure::Settings& settings) {
  const auto& more = settings.more_exports;
  return write_to_stdout(settings) || std::any_of(more.begin(), more.end(), write_to_stdout) ||
         has(settings.metrics.exporters, configure::MetricExporterKind::kOtlpStdout) ||
         has(settings.logs.exporters, configure::ExporterKind::kOtlpStdout);
}

}  // namespace

int run_collector(const RunOptions& options, FileDescriptor report, const sigset_t& original) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  // Beyond a file size limit (ulimit -f) a write shall fail, not end this process. The program keeps its own
  // way.
  struct sigaction at_size_limit {};
  sigaction(SIGXFSZ, nullptr, &at_size_limit);
  std::signal(SIGXFSZ, SIG_IGN);
  const Expected<std::string> library = find_preload_library();
  if (!library) return fail(report, library.error().message);
  Expected<collect::RuntimeDirectory> directory = collect::RuntimeDirectory::make_private();
  if (!directory) return fail(report, directory.error().message);
  const std::string path = directory->path();

  configure::Environment defaults = configure::Environment::from_list(environ);
  for (const std::string& variable : options.variables) defaults.set(variable);
  const configure::Settings settings = configure::resolve(configure::SettingSources{{}, defaults}).settings;
  Log log{settings.log_level};
  const bool keeps_stdout = telemetry_goes_to_stdout(settings);
  collect::Collector collector{std::move(*directory), std::move(defaults), log};
  collector.announce();

  const pid_t program = fork();  // before any thread of ours exists
  if (program == 0) {
    set_variables(options, preload_name(*library, path), path);
    sigaction(SIGXFSZ, &at_size_limit, nullptr);
    sigprocmask(SIG_SETMASK, &original, nullptr);
    become_program(options);
  }
  if (program < 0) return fail(report, std::string{"cannot start a process: "} + std::strerror(errno));
  send(report, RunMessage::Kind::kStarted, program);
  go_to_background(keeps_stdout, report);
  wake_up_for_children();

  bool alone = false;
  collector.run([&] {
    if (!alone && left_alone(report)) {
      alone = true;
      let_go_of_stderr();
    }
    return reap(program, report);
  });
  collector.finish(std::chrono::steady_clock::now() + kTimeToFinish);
  if (!options.books_file.empty() && !write_books(options.books_file, collector.books())) {
    std::fprintf(stderr, "waybill run: cannot write %s\n", options.books_file.c_str());
  }
  send(report, RunMessage::Kind::kFinished, 0);
  end_without_waiting(collector, kSuccess);
  return kSuccess;
}

}  // namespace waybill::cli
