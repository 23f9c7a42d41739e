#include "waybill/base/say.h"

#include <cstddef>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <csignal>

#include "waybill/base/shared_word.h"

namespace waybill::base {
namespace {

struct Line {
  char text[512];
  std::size_t length = 0;

  void append(const char* more) {
    const std::size_t room = sizeof text - 1 - length;
    std::size_t size = std::strlen(more);
    if (size > room) size = room;
    std::memcpy(text + length, more, size);
    length += size;
  }
};

// A program that closed its stderr may have another file at its number. What was inherited, or put there by
// dup2, has no close-on-exec flag.
bool is_stderr() {
  const long flags = syscall(SYS_fcntl, STDERR_FILENO, F_GETFD);
  return flags >= 0 && (flags & FD_CLOEXEC) == 0;
}

// Signals by which a write may end or stop the host: a pipe that nobody reads, a file at its size limit, a
// terminal that stops writers in the background.
constexpr int kSignalsOfWriting[] = {SIGPIPE, SIGXFSZ, SIGTTOU};

// Plain system calls: libc's are cancellation points, and a hook must not be one.
void write_unless_it_harms(const char* text, std::size_t size) {
  pollfd error_output{STDERR_FILENO, POLLOUT, 0};
  timespec at_once{0, 0};
  if (!is_stderr() || syscall(SYS_ppoll, &error_output, 1, &at_once, nullptr, 0) != 1 ||
      error_output.revents != POLLOUT) {
    return;  // a full pipe would make the host wait
  }
  sigset_t before;
  sigset_t pending;
  sigset_t blocked;
  sigset_t of_our_making;
  sigemptyset(&blocked);
  sigemptyset(&of_our_making);
  sigpending(&pending);
  for (const int signal : kSignalsOfWriting) {
    sigaddset(&blocked, signal);
    if (sigismember(&pending, signal) == 0) sigaddset(&of_our_making, signal);
  }
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  [[maybe_unused]] const long ignored = syscall(SYS_write, STDERR_FILENO, text, size);
  while (syscall(SYS_rt_sigtimedwait, &of_our_making, nullptr, &at_once, _NSIG / 8) > 0) {
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

constinit bool silent = false;

}  // namespace

void say_nothing() { shared(silent).store(true, std::memory_order_relaxed); }

void say(const char* text, const char* reason) {
  if (shared(silent).load(std::memory_order_relaxed)) return;
  Line line;
  line.append("waybill: ");
  line.append(text);
  if (reason[0] != '\0') {
    line.append(": ");
    line.append(reason);
  }
  line.text[line.length++] = '\n';
  write_unless_it_harms(line.text, line.length);
}

}  // namespace waybill::base
