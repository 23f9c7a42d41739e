#pragma once

#include <cstdint>
#include <string_view>

namespace waybill::telemetry {

// Which spans are exported though they were not sampled (WAYBILL_KEEP). A value.
struct KeptSpans {
  static constexpr std::uint64_t kNone = UINT64_MAX;

  bool errors = false;                   // those that failed, or have not ended
  std::uint64_t slower_than_ns = kNone;  // those that took at least so long

  // Why one that was not sampled is kept, as its span says; empty: it is not.
  std::string_view reason(bool failed, std::uint64_t duration_ns) const {
    if (errors && failed) return "error";
    return slower_than_ns != kNone && duration_ns >= slower_than_ns ? "slow" : std::string_view{};
  }
};

}  // namespace waybill::telemetry
