#include "waybill/base/say.h"

#include <cstddef>
#include <cstring>

#include <sys/syscall.h>
#include <unistd.h>

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
  // The plain system call: write(2) of libc is a cancellation point, and a hook must not be one.
  [[maybe_unused]] const long ignored = syscall(SYS_write, STDERR_FILENO, line.text, line.length);
}

}  // namespace waybill::base
