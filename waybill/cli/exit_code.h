#pragma once

namespace waybill::cli {

inline constexpr int kSuccess = 0;
inline constexpr int kFailure = 1;
inline constexpr int kUsage = 2;            // the command line was not understood
inline constexpr int kNothingKnown = 3;     // of the message or the trace that was asked for
inline constexpr int kCannotExecute = 126;  // as a shell says it
inline constexpr int kNotFound = 127;

}  // namespace waybill::cli
