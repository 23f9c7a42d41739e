#pragma once

#include <cstdint>

// What a host writes about itself into its segment, and what it checks before it makes one.
namespace waybill::segment::internal {

// True if RLIMIT_FSIZE lets this process make a file of `size` bytes. Beyond it the kernel sends SIGXFSZ,
// which ends the process.
bool file_size_allowed(std::uint64_t size);

// Field 22 of /proc/self/stat: tells this process from a later one with the same pid. 0: not known.
std::uint64_t own_start_ticks();

// The inode of /proc/self/ns/pid. 0: not known.
std::uint64_t own_pid_namespace();

// True if somebody holds a lock on this file. Not every kernel that looks like Linux keeps the lock of a
// descriptor that was closed.
bool is_locked(int directory_fd, const char* name);

// Random file names: pids repeat across PID namespaces.
struct SegmentName {
  char temporary[40];
  char final[40];

  // False if the kernel gives no random bytes.
  bool make();
};

}  // namespace waybill::segment::internal
