#include "waybill/exporters/line_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstring>
#include <utility>

namespace waybill::exporters {
namespace {

using Outcome = Delivery::Outcome;

constexpr std::chrono::seconds kPatience{10};  // with a pipe that nobody reads
constexpr int kPauseMs = 50;                   // after which stop() is noticed

Delivery failed(int error) { return {Outcome::kUnreachable, 0, std::strerror(error), 0}; }

bool is_regular(int file) {
  struct stat facts {};
  return fstat(file, &facts) == 0 && S_ISREG(facts.st_mode);
}

}  // namespace

Delivery LineFile::write(std::string lines, Deadline deadline) {
  if (stopped_) return {Outcome::kStopped, 0, "it was not written before the end", 0};
  if (descriptor_ != kNoDescriptor) return write_lines(descriptor_, std::move(lines), deadline);
  // Not blocking: it may be a pipe that nobody reads.
  const int file = open(name_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
                        S_IRUSR | S_IWUSR);
  if (file < 0) return failed(errno);
  Delivery delivery = write_lines(file, std::move(lines), deadline);
  close(file);
  return delivery;
}

Delivery LineFile::write_lines(int file, std::string lines, Deadline deadline) {
  if (line_is_broken_) lines.insert(lines.begin(), '\n');
  Delivery delivery = write_all(file, lines, deadline);
  line_is_broken_ = delivery.outcome != Outcome::kTaken;
  return delivery;
}

// A pipe that is shared with others cannot be made non-blocking, but takes so much at once when poll() says
// so.
Delivery LineFile::write_all(int file, std::string_view text, Deadline deadline) {
  const std::size_t most = is_regular(file) ? text.size() : std::size_t{PIPE_BUF};
  deadline = std::min(deadline, std::chrono::steady_clock::now() + kPatience);
  while (!text.empty()) {
    if (stopped_) return {Outcome::kStopped, 0, "it was not written before the end", 0};
    if (std::chrono::steady_clock::now() >= deadline) return {Outcome::kUnreachable, 0, "nobody reads it", 0};
    pollfd waiting{file, POLLOUT, 0};
    if (poll(&waiting, 1, kPauseMs) == 0) continue;
    const ssize_t size = ::write(file, text.data(), std::min(most, text.size()));
    if (size < 0 && errno != EINTR && errno != EAGAIN) return failed(errno);
    if (size > 0) text.remove_prefix(static_cast<std::size_t>(size));
  }
  return {};
}

}  // namespace waybill::exporters
