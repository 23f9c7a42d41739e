// The room's part that makes ids and contexts.

#include <bit>
#include <cstring>

#include "waybill/base/shared_word.h"
#include "waybill/observe/room.h"
#include "waybill/observe/thread_state.h"

namespace waybill::observe {
namespace {

constexpr std::uint64_t kMarkBits = 0xff'ffff;

std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31U);
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

context::SpanContext Room::new_root() {
  context::SpanContext root;
  root.trace_id = ids().next_trace_id();
  root.span_id = own_span_id(root.trace_id);
  root.flags = context::kFlagRandom;
  return root;
}

// Five random bytes, then three that only this process can make for this trace: so a context of a failed call
// is known again when the call is repeated, without a table.
context::SpanId Room::own_span_id(const context::TraceId& trace_id) {
  context::SpanId id = ids().next_span_id();
  const std::uint32_t mark = own_mark(trace_id, id);
  for (unsigned byte = 0; byte < 3; ++byte)
    id.bytes[5 + byte] = static_cast<std::uint8_t>(mark >> (8U * byte));
  if (!id.valid()) id.bytes[0] = 1;  // one in 2^64
  return id;
}

std::uint32_t Room::own_mark(const context::TraceId& trace_id, const context::SpanId& span_id) const {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::uint64_t random = 0;
  std::memcpy(&high, trace_id.bytes.data(), 8);
  std::memcpy(&low, trace_id.bytes.data() + 8, 8);
  std::memcpy(&random, span_id.bytes.data(), 5);
  return static_cast<std::uint32_t>(mix(mix(mix(high ^ key_[0]) ^ low ^ key_[1]) ^ random) & kMarkBits);
}

bool Room::made_here(const context::SpanContext& context) const {
  const std::uint32_t mark = own_mark(context.trace_id, context.span_id);
  for (unsigned byte = 0; byte < 3; ++byte) {
    if (context.span_id.bytes[5 + byte] != static_cast<std::uint8_t>(mark >> (8U * byte))) return false;
  }
  return true;
}

}  // namespace waybill::observe
