#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "waybill/client/api.h"

namespace waybill {

// What names a span across processes (W3C Trace Context).
struct SpanContext {
  std::array<std::uint8_t, 16> trace_id = {};
  std::array<std::uint8_t, 8> span_id = {};
  std::uint8_t flags = 0;  // 1: sampled
  std::string trace_state = {};
};

// That of the process span that is current on this thread; none: no scope is.
WAYBILL_API std::optional<SpanContext> current_context();

// Has what this process sends become the child of the span that `read` finds: the application's own, of
// whatever library, that is current on the calling thread. None: there is no such span. It counts where no
// process scope is current, and within one if it is of the same trace. `read` is called for each message that
// is sent, must be quick, and must not throw; null: nobody is asked any more.
using ReadSpanContext = std::optional<SpanContext> (*)();
WAYBILL_API void read_parents_by(ReadSpanContext read);

}  // namespace waybill
