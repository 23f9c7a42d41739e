#include "waybill/cli/run_command.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <map>
#include <optional>
#include <utility>

#include "waybill/cli/exit_code.h"
#include "waybill/cli/run_collector.h"
#include "waybill/cli/run_messages.h"
#include "waybill/collect/file_descriptor.h"

namespace waybill::cli {
namespace {

using Clock = std::chrono::steady_clock;
using collect::FileDescriptor;

// How long the foreground process stays for the last spans. As PID 1 of a container it must stay: with it all
// others end.
constexpr std::chrono::seconds kGrace{2};
constexpr std::chrono::seconds kGraceOfPid1{15};

// So long may the collecting process need to say that it got the same signal; and so long does its word
// count.
constexpr std::chrono::milliseconds kForItsWord{50};
constexpr std::chrono::seconds kItsWordCounts{1};

// Those that are forwarded, and SIGCHLD.
sigset_t served_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : kForwardedSignals) sigaddset(&signals, signal);
  sigaddset(&signals, SIGCHLD);
  return signals;
}

// Ends this process as the program ended.
int end_like(int wait_status) {
  if (WIFEXITED(wait_status)) return WEXITSTATUS(wait_status);
  const int signal = WTERMSIG(wait_status);
  const rlimit no_core{0, 0};  // the program has left its own
  setrlimit(RLIMIT_CORE, &no_core);
  std::signal(signal, SIG_DFL);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal);
  sigprocmask(SIG_UNBLOCK, &only, nullptr);
  raise(signal);
  return 128 + signal;  // PID 1 survives its own signals
}

// The foreground process while the program runs.
class Foreground {
 public:
  Foreground(FileDescriptor messages, FileDescriptor signals, pid_t collector)
      : messages_{std::move(messages)}, signals_{std::move(signals)}, collector_{collector} {}

  int wait(bool for_delivery) {
    while (!ended_ && !failed_) {
      if (!serve(std::nullopt)) return without_collector();
    }
    if (failed_) {
      waitpid(collector_, nullptr, 0);
      return *failed_;
    }
    const Clock::time_point deadline = Clock::now() + (getpid() == 1 ? kGraceOfPid1 : kGrace);
    while (!finished_ && (for_delivery || Clock::now() < deadline)) {
      if (!serve(for_delivery ? std::nullopt : std::optional{deadline})) break;
    }
    if (finished_) {
      waitpid(collector_, nullptr, 0);
    } else {
      std::fprintf(stderr,
                   "waybill: the last telemetry of this program is still on its way; a process in the "
                   "background delivers it\n");
    }
    return end_like(*ended_);
  }

 private:
  // Serves one message or signal. False: the collecting process is gone.
  bool serve(std::optional<Clock::time_point> deadline) {
    // Before the program is known, signals wait: they are the program's.
    pollfd sources[] = {{messages_.get(), POLLIN, 0}, {program_ > 0 ? signals_.get() : -1, POLLIN, 0}};
    int timeout_ms = -1;
    if (deadline) {
      timeout_ms = static_cast<int>(std::max<long>(
          0, std::chrono::duration_cast<std::chrono::milliseconds>(*deadline - Clock::now()).count() + 1));
    }
    if (poll(sources, 2, timeout_ms) <= 0) return true;
    if (sources[1].revents != 0) serve_signal();
    return sources[0].revents == 0 || take_message();
  }

  void serve_signal() {
    signalfd_siginfo received{};
    if (read(signals_.get(), &received, sizeof received) != static_cast<ssize_t>(sizeof received)) return;
    if (received.ssi_signo == SIGCHLD) return reap_orphans();
    const int signal = static_cast<int>(received.ssi_signo);
    // What the terminal sends has reached the program already: it is in the same foreground group.
    if (received.ssi_code == SI_KERNEL || program_ <= 0) return;
    if (!collector_got_it_too(signal) && !ended_) kill(program_, signal);
  }

  // A service manager that signals all of our processes has signalled the program as well, and a program may
  // take a second SIGTERM for "at once". The collecting process is in a group of its own: it gets what all
  // get.
  bool collector_got_it_too(int signal) {
    const Clock::time_point deadline = Clock::now() + kForItsWord;
    for (;;) {
      const auto told = signalled_.extract(signal);
      if (!told.empty() && Clock::now() - told.mapped() < kItsWordCounts) return true;
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
      pollfd source{messages_.get(), POLLIN, 0};
      if (left.count() <= 0 || poll(&source, 1, static_cast<int>(left.count())) <= 0 || !take_message())
        return false;
    }
  }

  // PID 1 of a container is given what others leave behind there. The two that are waited for elsewhere are
  // left alone.
  void reap_orphans() const {
    for (;;) {
      siginfo_t ended{};
      if (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) != 0) return;
      if (ended.si_pid == 0 || ended.si_pid == collector_ || ended.si_pid == program_) return;
      waitpid(ended.si_pid, nullptr, 0);
    }
  }

  bool take_message() {
    RunMessage message{};
    if (read(messages_.get(), &message, sizeof message) != static_cast<ssize_t>(sizeof message)) return false;
    switch (message.kind) {
      case RunMessage::Kind::kStarted:
        program_ = message.value;
        break;
      case RunMessage::Kind::kEnded:
        ended_ = message.value;
        break;
      case RunMessage::Kind::kFinished:
        finished_ = true;
        break;
      case RunMessage::Kind::kFailed:
        failed_ = message.value;
        break;
      case RunMessage::Kind::kSignalled:
        signalled_[message.value] = Clock::now();
        break;
    }
    return true;
  }

  // The collecting process has died. The program became our own child, runs on untraced, and is waited for.
  int without_collector() {
    std::fprintf(
        stderr,
        "waybill: the collecting process has ended unexpectedly; the program runs on without telemetry\n");
    waitpid(collector_, nullptr, 0);
    int status = 0;
    while (program_ > 0) {
      pollfd source{signals_.get(), POLLIN, 0};
      if (poll(&source, 1, 50) > 0) serve_signal();
      if (waitpid(program_, &status, WNOHANG) == program_) return end_like(status);
      if (kill(program_, 0) != 0 && errno == ESRCH) break;
    }
    return kFailure;
  }

  FileDescriptor messages_;
  FileDescriptor signals_;
  pid_t collector_;
  pid_t program_ = -1;
  std::optional<int> ended_;
  std::optional<int> failed_;
  bool finished_ = false;
  std::map<int, Clock::time_point> signalled_;  // when the collecting process said that it got this signal
};

}  // namespace

int run_command(const RunOptions& options) {
  if (options.command.empty()) {
    std::fprintf(
        stderr,
        "waybill run: the command is missing, as in: waybill run -- ./app\nTry 'waybill help run'.\n");
    return kUsage;
  }
  for (const std::string& variable : options.variables) {
    if (variable.find('=') == std::string::npos || variable.front() == '=') {
      std::fprintf(stderr, "waybill run: -e %s: KEY=VALUE is expected\n", variable.c_str());
      return kUsage;
    }
  }
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    std::fprintf(stderr, "waybill run: cannot make a pipe: %s\n", std::strerror(errno));
    return kFailure;
  }
  FileDescriptor messages{ends[0]};
  FileDescriptor report{ends[1]};
  prctl(PR_SET_CHILD_SUBREAPER, 1);

  sigset_t original;
  const sigset_t served = served_signals();
  sigprocmask(SIG_BLOCK, &served, &original);
  const pid_t collector = fork();
  if (collector == 0) {
    messages.reset();
    _exit(run_collector(options, std::move(report), original));
  }
  if (collector < 0) {
    std::fprintf(stderr, "waybill run: cannot start a process: %s\n", std::strerror(errno));
    return kFailure;
  }
  report.reset();
  FileDescriptor signals{signalfd(-1, &served, SFD_CLOEXEC)};
  return Foreground{std::move(messages), std::move(signals), collector}.wait(options.wait);
}

}  // namespace waybill::cli
