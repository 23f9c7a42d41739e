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
  kRefused = 14,
  kNotADirectory = 15,
  kReadOnly = 16,
  kNoDescriptor = 17,
  kNoAddressSpace = 18,
};

const char* describe(Failure failure);

// The reason behind an errno of a system call; `otherwise` when the number tells nothing of its own.
Failure failure_of(int error, Failure otherwise);

}  // namespace waybill::base
