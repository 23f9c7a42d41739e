// The room's part that makes ids and contexts.

#include <bit>
#include <cstring>

#include "waybill/base/shared_word.h"
#include "waybill/observe/internal/mix.h"
#include "waybill/observe/room.h"
#include "waybill/observe/thread_state.h"

namespace waybill::observe {

using internal::mix;

namespace {

// A span id read as one number: the lower five bytes are random, the upper three are the mark.
constexpr unsigned kMarkAt = 40;
constexpr std::uint64_t kRandomBits = (std::uint64_t{1} << kMarkAt) - 1;

std::uint64_t number_of(const context::SpanId& id) {
  std::uint64_t number = 0;
  std::memcpy(&number, id.bytes.data(), sizeof number);
  return number;
}

}  // namespace

// Each thread gets its own seed, made of the room's random key. No random bytes are asked for here: a seccomp
// filter that was installed since may refuse them, or end the process.
context::IdGenerator& Room::ids() {
  ThreadState& thread = thread_state;
  if (thread.ids_seeded_for != key_[0]) {
    const std::uint64_t number = base::shared(seeds_).fetch_add(1, std::memory_order_relaxed) + 1;
    thread.ids.seed(mix(key_[0] + mix(number)), mix(key_[1] ^ mix(~number)));
    thread.ids_seeded_for = key_[0];
  }
  return thread.ids;
}

context::SpanContext Room::new_trace() {
  context::SpanContext root;
  root.trace_id = ids().next_trace_id();
  root.flags = context::kFlagRandom;
  return root;
}

context::SpanContext Room::new_root() {
  context::SpanContext root = new_trace();
  root.span_id = own_span_id(root.trace_id);
  return root;
}

// Five random bytes, then three that only this process can make for this trace: so a context of a failed call
// is known again when the call is repeated, without a table.
context::SpanId Room::own_span_id(const context::TraceId& trace_id) {
  const std::uint64_t random = number_of(ids().next_span_id()) & kRandomBits;
  std::uint64_t number = random | own_mark(trace_id, random) << kMarkAt;
  if (number == 0) number = 1;  // one in 2^64
  context::SpanId id;
  std::memcpy(id.bytes.data(), &number, sizeof number);
  return id;
}

std::uint64_t Room::own_mark(const context::TraceId& trace_id, std::uint64_t random) const {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::memcpy(&high, trace_id.bytes.data(), 8);
  std::memcpy(&low, trace_id.bytes.data() + 8, 8);
  return mix(mix(high ^ random ^ key_[0]) ^ low ^ key_[1]) >> kMarkAt;
}

bool Room::made_here(const context::SpanContext& context) const {
  const std::uint64_t number = number_of(context.span_id);
  return own_mark(context.trace_id, number & kRandomBits) == number >> kMarkAt;
}

}  // namespace waybill::observe
