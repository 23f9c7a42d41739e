#include "waybill/base/say.h"

#include <cstddef>
#include <cstring>

#include <poll.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <csignal>

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

// The host's stderr may be a pipe that is full (the write would wait) or that nobody reads (SIGPIPE would end
// the host). Plain system calls: libc's are cancellation points, and a hook must not be one.
void write_unless_it_harms(const char* text, std::size_t size) {
  pollfd error_output{STDERR_FILENO, POLLOUT, 0};
  timespec at_once{0, 0};
  if (syscall(SYS_ppoll, &error_output, 1, &at_once, nullptr, 0) != 1 || error_output.revents != POLLOUT)
    return;
  sigset_t pipe_signal;
  sigset_t before;
  sigset_t pending;
  sigemptyset(&pipe_signal);
  sigaddset(&pipe_signal, SIGPIPE);
  sigpending(&pending);
  pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
  [[maybe_unused]] const long ignored = syscall(SYS_write, STDERR_FILENO, text, size);
  if (sigismember(&pending, SIGPIPE) == 0) {
    syscall(SYS_rt_sigtimedwait, &pipe_signal, nullptr, &at_once,
            _NSIG / 8);  // take back one of our own making
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace

void say(const char* text, const char* reason) {
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
