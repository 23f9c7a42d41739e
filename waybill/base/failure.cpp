#include "waybill/base/failure.h"

namespace waybill::base {

const char* describe(Failure failure) {
  switch (failure) {
    case Failure::kNone:
      return "";
    case Failure::kDisabled:
      return "switched off by WAYBILL_ENABLED";
    case Failure::kNoRuntimeDirectory:
      return "the runtime directory does not exist or cannot be opened; start `waybill collect` or set "
             "WAYBILL_RUNTIME_DIR";
    case Failure::kRuntimeDirectoryNotPrivate:
      return "the runtime directory belongs to another user or others may write into it";
    case Failure::kCannotCreateSegment:
      return "no file can be created in the runtime directory";
    case Failure::kNoRoomForSegment:
      return "the runtime directory has no room for a segment";
    case Failure::kFileSizeLimit:
      return "the file size limit (ulimit -f) is smaller than WAYBILL_SEGMENT_SIZE";
    case Failure::kCannotMapSegment:
      return "the segment cannot be mapped into memory";
    case Failure::kNoForkProtection:
      return "the kernel lacks MADV_WIPEONFORK (Linux 4.14 or newer is needed)";
    case Failure::kNoRandomness:
      return "the kernel gives no random bytes";
    case Failure::kSymbolsMissing:
      return "this librdkafka lacks the interceptor functions (version 1.0 or newer is needed)";
    case Failure::kTooManyClients:
      return "more Kafka clients at once than can be observed";
    case Failure::kInterceptorRefused:
      return "librdkafka refused the interceptors";
    case Failure::kNobodyCollects:
      return "nobody collects in the runtime directory, and many segments wait there already; start `waybill "
             "collect`";
  }
  return "unknown reason";
}

}  // namespace waybill::base
