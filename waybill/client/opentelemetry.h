#pragma once

// For an application with OpenTelemetry C++ spans of its own. Compiled into the application, so it is its own
// OpenTelemetry API (1.x) that is used; Waybill needs none.

#include <opentelemetry/context/runtime_context.h>
#include <opentelemetry/trace/context.h>
#include <opentelemetry/trace/default_span.h>
#include <opentelemetry/trace/span.h>
#include <opentelemetry/trace/span_context.h>
#include <opentelemetry/trace/trace_state.h>

#include <algorithm>
#include <optional>

#include "waybill/client/span_context.h"

namespace waybill {
namespace detail {

inline std::optional<SpanContext> active_opentelemetry_span() {
  const auto span = opentelemetry::trace::GetSpan(opentelemetry::context::RuntimeContext::GetCurrent());
  const opentelemetry::trace::SpanContext context = span->GetContext();
  if (!context.IsValid()) return std::nullopt;
  SpanContext found;
  std::copy_n(context.trace_id().Id().data(), found.trace_id.size(), found.trace_id.begin());
  std::copy_n(context.span_id().Id().data(), found.span_id.size(), found.span_id.begin());
  found.flags = context.trace_flags().flags();
  found.trace_state = context.trace_state()->ToHeader();
  return found;
}

// Threads may send while the program's static objects are destroyed: this one goes before those of the API.
struct OpenTelemetryReader {
  OpenTelemetryReader() {
    (void)active_opentelemetry_span();
    (void)opentelemetry::trace::TraceState::GetDefault();
    read_parents_by(active_opentelemetry_span);
  }
  ~OpenTelemetryReader() { read_parents_by(nullptr); }
};

}  // namespace detail

// From here on the application's active span is the parent of what it sends. Doing it twice changes nothing.
inline void follow_opentelemetry() { static const detail::OpenTelemetryReader reader; }

// Makes the process span that is current on this thread the active span of the application's OpenTelemetry,
// as long as what this returns lives: spans that it starts are children. Null: no scope is current.
//
//   const auto token = waybill::enter_opentelemetry();
inline opentelemetry::nostd::unique_ptr<opentelemetry::context::Token> enter_opentelemetry() {
  namespace trace = opentelemetry::trace;
  using opentelemetry::context::RuntimeContext;
  const std::optional<SpanContext> current = current_context();
  if (!current) return {};
  const trace::SpanContext context{trace::TraceId{current->trace_id}, trace::SpanId{current->span_id},
                                   trace::TraceFlags{current->flags}, false,
                                   trace::TraceState::FromHeader(current->trace_state)};
  opentelemetry::nostd::shared_ptr<trace::Span> span{new trace::DefaultSpan{context}};
  auto inside = RuntimeContext::GetCurrent();
  return RuntimeContext::Attach(trace::SetSpan(inside, span));
}

}  // namespace waybill
