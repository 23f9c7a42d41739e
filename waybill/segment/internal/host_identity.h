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

// Locks `file` (flock) for as long as anybody has it open or mapped: closing the descriptor does not end
// that.
void lock_while_mapped(int file);

// True if somebody holds the lock of this file. Asked once by the host itself, after it has closed its
// descriptor: a file system may not keep the lock until the mapping goes.
bool is_locked(int directory_fd, const char* name);

// Random file names: pids repeat across PID namespaces.
struct SegmentName {
  char temporary[40];
  char final[40];

  // False if the kernel gives no random bytes.
  bool make();
};

}  // namespace waybill::segment::internal
