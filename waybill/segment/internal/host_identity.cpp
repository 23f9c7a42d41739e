#include "waybill/segment/internal/host_identity.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "waybill/segment/host_settings.h"

namespace waybill::segment::internal {

bool file_size_allowed(std::uint64_t size) {
  rlimit limit{};
  return getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= size;
}

std::uint64_t own_start_ticks() {
  char text[1024];
  const int file = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  const ssize_t size = read(file, text, sizeof text - 1);
  close(file);
  if (size <= 0) return 0;
  text[size] = '\0';
  // The second field is the program's name in parentheses and may hold blanks: count from the last
  // parenthesis.
  const char* at = std::strrchr(text, ')');
  for (int field = 2; at != nullptr && field < 22; ++field) at = std::strchr(at + 1, ' ');
  return at == nullptr ? 0 : std::strtoull(at + 1, nullptr, 10);
}

std::uint64_t own_pid_namespace() {
  struct stat facts {};
  return stat("/proc/self/ns/pid", &facts) == 0 ? static_cast<std::uint64_t>(facts.st_ino) : 0;
}

void lock_while_mapped(int file) { flock(file, LOCK_EX | LOCK_NB); }

bool is_locked(int directory_fd, const char* name) {
  const int file = openat(directory_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return false;
  const bool locked = flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  close(file);
  return locked;
}

bool SegmentName::make() {
  std::uint8_t random[12];
  if (syscall(SYS_getrandom, random, sizeof random, 0) != static_cast<long>(sizeof random)) return false;
  constexpr char kDigits[] = "0123456789abcdef";
  char* at = final;
  for (const std::uint8_t byte : random) {
    *at++ = kDigits[byte >> 4U];
    *at++ = kDigits[byte & 15U];
  }
  *at = '\0';
  std::strcpy(temporary, final);
  std::strcat(temporary, ".new");
  std::strcat(final, kSegmentSuffix);
  return true;
}

}  // namespace waybill::segment::internal
