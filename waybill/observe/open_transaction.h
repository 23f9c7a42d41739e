#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "waybill/base/shared_word.h"
#include "waybill/context/span_context.h"
#include "waybill/segment/record.h"

namespace waybill::observe {

// A producer's transaction while it is open. In zeroed memory. One thread at a time begins and ends it, as
// librdkafka wants it; any thread that sends may look.
struct OpenTransaction {
  // Of its span, as words.
  struct Ids {
    static constexpr std::size_t kCount = 5;
    std::uint64_t words[kCount];  // trace id, span id, the parent's span id, flags
  };

  std::uint64_t state;  // odd while it is open; rises with every change
  Ids ids;
  // Of one transaction and the next, so that a text stays as it is while somebody who has just looked uses
  // it.
  std::uint16_t tracestate_sizes[2];
  char tracestate_texts[2][segment::kMaxTracestate];

  std::uint64_t start_ns;  // as all that follows: only for the thread that ends it
  bool recorded;
  bool parent_is_remote;

  // What somebody sees who sends.
  struct View {
    std::uint64_t state = 0;  // 0: none is open
    context::SpanContext context;
    context::SpanId parent;
    std::string_view tracestate;
  };

  bool is_open() const { return (state & 1U) != 0; }

  View look() const {
    View view;
    const std::uint64_t seen = load(state, std::memory_order_acquire);
    if ((seen & 1U) == 0) return view;
    Ids copy;
    for (std::size_t at = 0; at < Ids::kCount; ++at)
      copy.words[at] = load(ids.words[at], std::memory_order_relaxed);
    const std::size_t text = seen / 2 % 2;
    view.tracestate = {tracestate_texts[text], tracestate_sizes[text]};
    std::atomic_thread_fence(std::memory_order_acquire);
    if (load(state, std::memory_order_relaxed) != seen) return View{};
    view.state = seen;
    std::memcpy(view.context.trace_id.bytes.data(), copy.words, sizeof view.context.trace_id);
    std::memcpy(view.context.span_id.bytes.data(), copy.words + 2, sizeof view.context.span_id);
    std::memcpy(view.parent.bytes.data(), copy.words + 3, sizeof view.parent);
    view.context.flags = static_cast<std::uint8_t>(copy.words[4]);
    return view;
  }

  // The state is even before, and odd afterwards: returned.
  std::uint64_t open(const context::SpanContext& context, const context::SpanId& parent,
                     std::string_view tracestate) {
    const std::uint64_t opened = state + 1;
    const std::size_t text = opened / 2 % 2;
    const std::string_view kept = tracestate.substr(0, segment::kMaxTracestate);
    tracestate_sizes[text] = static_cast<std::uint16_t>(kept.size());
    kept.copy(tracestate_texts[text], kept.size());
    Ids made{};
    std::memcpy(made.words, context.trace_id.bytes.data(), sizeof context.trace_id);
    std::memcpy(made.words + 2, context.span_id.bytes.data(), sizeof context.span_id);
    std::memcpy(made.words + 3, parent.bytes.data(), sizeof parent);
    made.words[4] = context.flags;
    std::atomic_thread_fence(std::memory_order_release);
    for (std::size_t at = 0; at < Ids::kCount; ++at)
      base::shared(ids.words[at]).store(made.words[at], std::memory_order_relaxed);
    base::shared(state).store(opened, std::memory_order_release);
    return opened;
  }

  void close() { base::shared(state).store(state + 1, std::memory_order_release); }

 private:
  static std::uint64_t load(const std::uint64_t& word, std::memory_order order) {
    return base::shared(const_cast<std::uint64_t&>(word)).load(order);
  }
};

// How a transaction ended.
struct TransactionEnd {
  segment::Outcome outcome = segment::Outcome::kUnknown;
  std::uint32_t error = 0;            // definition; 0: nothing went wrong
  std::string_view description = {};  // borrowed for the call
};

}  // namespace waybill::observe
