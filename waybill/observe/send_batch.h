#pragma once

#include <cstdint>
#include <string_view>

#include "waybill/context/span_context.h"
#include "waybill/observe/whole_tail.h"
#include "waybill/segment/record.h"

namespace waybill::observe {

// The messages that the application sends by one call. It belongs to whoever makes the call, on whose thread
// it is current meanwhile, and who ends it when it knows what became of the messages. Made by
// Room::begin_batch().
struct SendBatch {
  std::uint64_t room = 0;  // whose it is; 0: nothing is observed
  std::uint32_t client = 0;
  std::uint32_t profile = 0;
  std::uint32_t topic = 0;  // 0: of several
  std::uint32_t message_count = 0;
  std::uint32_t injected = 0;  // with so many messages the send span's own context went out
  std::uint64_t start_ns = 0;
  context::SpanContext context;  // of its send span
  context::SpanContext parent;   // not valid: none
  context::SpanContext around;   // the transaction that is not the parent; not valid: none
  bool parent_is_remote = false;
  bool has_span = false;  // the send span is recorded
  WholeTail tail;
  std::uint16_t tracestate_size = 0;
  char tracestate_text[segment::kMaxTracestate];

  std::string_view tracestate() const { return {tracestate_text, tracestate_size}; }
};

// What became of the messages.
struct BatchFailure {
  std::uint32_t error = 0;  // definition, of the first that failed; 0: none did
  std::string_view description = {};
};

}  // namespace waybill::observe
