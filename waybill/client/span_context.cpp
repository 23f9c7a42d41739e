#include "waybill/client/span_context.h"

#include <algorithm>
#include <atomic>

#include "waybill/client/internal/cores.h"

namespace waybill {
namespace {

using observe::ApplicationSpan;

std::atomic<ReadSpanContext> reader{nullptr};

// Called by the host side, through which no exception may pass.
const ApplicationSpan* read_for_core() try {
  static thread_local ApplicationSpan span;
  const ReadSpanContext read = reader.load(std::memory_order_acquire);
  const std::optional<SpanContext> found = read == nullptr ? std::nullopt : read();
  if (!found) return nullptr;
  span = {};
  span.context.trace_id.bytes = found->trace_id;
  span.context.span_id.bytes = found->span_id;
  span.context.flags = found->flags;
  if (found->trace_state.size() <= sizeof span.tracestate_text) {
    span.tracestate_size = static_cast<std::uint16_t>(found->trace_state.size());
    found->trace_state.copy(span.tracestate_text, sizeof span.tracestate_text);
  }
  return &span;
} catch (...) {
  return nullptr;
}

}  // namespace

std::optional<SpanContext> current_context() {
  const agent::EntryPoints* core = internal::current_core();
  ApplicationSpan span{};
  if (core == nullptr || !core->current_span(span)) return std::nullopt;
  return SpanContext{span.context.trace_id.bytes, span.context.span_id.bytes, span.context.flags,
                     std::string{span.tracestate()}};
}

void read_parents_by(ReadSpanContext read) {
  reader.store(read, std::memory_order_release);
  internal::read_application_spans_by(read == nullptr ? nullptr : read_for_core);
}

}  // namespace waybill
