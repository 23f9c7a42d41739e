#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "waybill/client/api.h"
#include "waybill/client/span_context.h"

namespace waybill {

// What is known of an operation when its span would begin. Good for the call.
struct SpanStart {
  std::string_view operation;  // "send", "receive", "process", "settle", "transaction"
  std::string_view topic;      // empty: of several, or of a transaction. Of polled messages: the first one's
  std::string_view client_id;
  std::string_view consumer_group;  // empty: there is none
  const std::array<std::uint8_t, 16>& trace_id;
  const SpanContext* parent;  // null: it begins a trace. Without its trace state.
  bool parent_is_remote;      // it came with a message
};

// A sampler that the application writes: TelemetryBuilder::sampler() takes it.
//
//   class OnlyPayments : public waybill::CustomSampler {
//     bool should_sample(const waybill::SpanStart& span) override { return span.topic == "payments"; }
//   };
//
// It is asked within the calls that send, poll, begin processing or a transaction, and commit, on their
// threads, by several at once: for each span, those of a batch's messages too. So it must be quick, and must
// call neither Kafka nor Waybill. When it throws, the span is sampled, and a line on stderr says so, once a
// minute at most.
//
// It lives until the process ends, because a thread may be within it at any time. It is asked no more when
// the thread of this process that collects has been shut down.
class CustomSampler {
 public:
  virtual ~CustomSampler() = default;

  // False: no span is made, and those who go on with the trace are told by the message's context.
  virtual bool should_sample(const SpanStart& span) = 0;
};

}  // namespace waybill
