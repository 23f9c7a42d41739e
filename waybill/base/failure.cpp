#include "waybill/base/failure.h"

#include <cerrno>

namespace waybill::base {

const char* describe(Failure failure) {
  switch (failure) {
    case Failure::kNone:
      return "";
    case Failure::kDisabled:
      return "switched off by WAYBILL_ENABLED";
    case Failure::kNoRuntimeDirectory:
      return "the runtime directory does not exist; start `waybill collect` or set WAYBILL_RUNTIME_DIR";
    case Failure::kRuntimeDirectoryNotPrivate:
      return "the runtime directory belongs to another user or others may write into it";
    case Failure::kCannotCreateSegment:
      return "no file can be created in the runtime directory";
    case Failure::kNoRoomForSegment:
      return "the runtime directory has no room for a segment; make its file system larger or "
             "WAYBILL_SEGMENT_SIZE smaller";
    case Failure::kFileSizeLimit:
      return "the file size limit (ulimit -f) is smaller than WAYBILL_SEGMENT_SIZE";
    case Failure::kCannotMapSegment:
      return "the segment cannot be mapped into memory";
    case Failure::kNoForkProtection:
      return "the kernel refuses MADV_WIPEONFORK: it is older than Linux 4.14, or a seccomp filter forbids "
             "madvise";
    case Failure::kNoRandomness:
      return "the kernel gives no random bytes";
    case Failure::kSymbolsMissing:
      return "this librdkafka lacks the interceptor functions (version 1.0 or newer is needed)";
    case Failure::kTooManyClients:
      return "more Kafka clients at once than can be observed";
    case Failure::kInterceptorRefused:
      return "librdkafka refused the interceptors";
    case Failure::kNobodyCollects:
      return "nobody collects in the runtime directory, and segments must not pile up there; start `waybill "
             "collect`";
    case Failure::kRefused:
      return "a system call was refused: this user may not use the runtime directory, or a seccomp filter is "
             "in the way";
    case Failure::kNotADirectory:
      return "the runtime directory is not a directory; set WAYBILL_RUNTIME_DIR to one";
    case Failure::kReadOnly:
      return "the runtime directory is read-only; set WAYBILL_RUNTIME_DIR to one on a tmpfs";
    case Failure::kNoDescriptor:
      return "no file descriptor is free; raise the limit (ulimit -n)";
    case Failure::kNoAddressSpace:
      return "the program may have too little memory beside its own; raise the limit (ulimit -v, ulimit -d) "
             "or "
             "make WAYBILL_SEGMENT_SIZE smaller";
  }
  return "unknown reason";
}

Failure failure_of(int error, Failure otherwise) {
  switch (error) {
    case ENOENT:
      return Failure::kNoRuntimeDirectory;
    case ENOTDIR:
      return Failure::kNotADirectory;
    case EACCES:
    case EPERM:
      return Failure::kRefused;
    case EROFS:
      return Failure::kReadOnly;
    case ENOSPC:
    case EDQUOT:
      return Failure::kNoRoomForSegment;
    case EMFILE:
    case ENFILE:
      return Failure::kNoDescriptor;
    case ENOMEM:
      return Failure::kNoAddressSpace;
    default:
      return otherwise;
  }
}

}  // namespace waybill::base
