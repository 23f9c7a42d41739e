#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "waybill/support/expected.h"

namespace waybill::cli {

// What is looked at, as the command line says it.
struct WindowOptions {
  std::string from;
  std::string to;
  std::string last;

  bool is_given() const { return !from.empty() || !to.empty() || !last.empty(); }
};

// Milliseconds since 1970. None: the server's own choice.
struct TimeWindow {
  std::optional<std::int64_t> from_ms;
  std::optional<std::int64_t> to_ms;
};

// Times are "2026-11-26 14:05", with seconds and with "Z" or "+01:00" if wanted, "14:05" of today, or
// milliseconds since 1970; the time zone is this machine's. `last` is a number with s, m, h or d, and ends at
// `to` or now. The error names the option.
Expected<TimeWindow> finalize(const WindowOptions& options, std::int64_t now_ms);

}  // namespace waybill::cli
