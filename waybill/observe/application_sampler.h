#pragma once

#include <string_view>

#include "waybill/context/span_context.h"
#include "waybill/segment/rule_table.h"

namespace waybill::observe {

// What the application's own sampler may look at when an operation begins. Borrowed for the call.
struct SamplingQuestion {
  segment::Operation operation;
  std::string_view topic;
  std::string_view client_id;
  std::string_view group;              // empty: none
  const context::SpanContext* parent;  // null: a root span
  bool parent_is_remote;               // it came with a message
  const context::TraceId& trace_id;
};

// True: the operation is sampled. Called within a hook, on the thread that the operation is on; must not
// throw.
using AskApplication = bool (*)(const SamplingQuestion& question);

}  // namespace waybill::observe
