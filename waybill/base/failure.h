#pragma once

namespace waybill::base {

// Why the host side does nothing. Numbers are kept for ever; describe() gives the text that the host prints
// once.
enum class Failure : int {
  kNone = 0,
  kDisabled = 1,
  kNoRuntimeDirectory = 2,
  kRuntimeDirectoryNotPrivate = 3,
  kCannotCreateSegment = 4,
  kNoRoomForSegment = 5,
  kFileSizeLimit = 6,
  kCannotMapSegment = 7,
  kNoForkProtection = 8,
  kNoRandomness = 9,
  kSymbolsMissing = 10,
  kTooManyClients = 11,
  kInterceptorRefused = 12,
  kNobodyCollects = 13,
};

const char* describe(Failure failure);

}  // namespace waybill::base
