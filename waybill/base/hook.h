#pragma once

#include <cerrno>
#include <utility>

namespace waybill::base {

// Gives the host its errno back when our half of a call is over.
class ErrnoKeeper {
 public:
  ErrnoKeeper() : saved_{errno} {}
  ~ErrnoKeeper() { errno = saved_; }
  ErrnoKeeper(const ErrnoKeeper&) = delete;
  ErrnoKeeper& operator=(const ErrnoKeeper&) = delete;

 private:
  int saved_;
};

// True while this thread runs our half of a call. A call that our own half causes (librdkafka calling
// librdkafka, a signal handler that produces) is not observed.
inline constinit thread_local bool inside_hook = false;

// Runs our half of a host's call: keeps errno and refuses re-entry. The host's own call never stands inside
// `work`. Thread: any. Not noexcept, and `work` neither waits nor does I/O: a cancelled thread must be able
// to pass through.
template <typename Work>
void run_hook(Work&& work) {
  if (inside_hook) return;
  const ErrnoKeeper keep_errno;
  inside_hook = true;
  std::forward<Work>(work)();
  inside_hook = false;
}

}  // namespace waybill::base
