#pragma once

#include <cstdint>
#include <string_view>

#include "waybill/context/span_context.h"
#include "waybill/segment/record.h"

namespace waybill::observe {

// The context of a span with its tracestate, as it passes between this library and another one.
struct ApplicationSpan {
  context::SpanContext context;
  std::uint16_t tracestate_size;
  char tracestate_text[segment::kMaxTracestate];

  std::string_view tracestate() const { return {tracestate_text, tracestate_size}; }
};

// The span that the application itself has made current on this thread, which its own OpenTelemetry knows; it
// lives until the thread asks again. Null: there is none. Called by what sends a message; must not throw.
using ReadApplicationSpan = const ApplicationSpan* (*)();

}  // namespace waybill::observe
