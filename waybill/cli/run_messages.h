#pragma once

#include <sys/types.h>

#include <csignal>
#include <cstdint>

namespace waybill::cli {

// What the collecting process of `waybill run` tells the one in the foreground, through a pipe.
struct RunMessage {
  enum class Kind : std::int32_t {
    kStarted = 1,    // value: the program's pid
    kEnded = 2,      // value: its wait status
    kFinished = 3,   // all telemetry is delivered or counted
    kFailed = 4,     // the program could not be started; why is already said; value: the exit code
    kSignalled = 5,  // value: a signal that the collecting process has got
  };
  Kind kind;
  std::int32_t value;
};

// Signals that people and service managers send: they are the program's.
inline constexpr int kForwardedSignals[] = {SIGTERM, SIGINT,  SIGQUIT,  SIGHUP, SIGUSR1,
                                            SIGUSR2, SIGALRM, SIGWINCH, SIGCONT};

}  // namespace waybill::cli
