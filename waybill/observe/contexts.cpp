// The room's part that makes ids and contexts.

#include <bit>
#include <cstring>

#include <sys/syscall.h>
#include <unistd.h>

#include "waybill/observe/room.h"
#include "waybill/observe/thread_state.h"

namespace waybill::observe {
namespace {

// A span id read as one number: the lower five bytes are random, the upper three are the mark.
constexpr unsigned kMarkAt = 40;
constexpr std::uint64_t kRandomBits = (std::uint64_t{1} << kMarkAt) - 1;

std::uint64_t number_of(const context::SpanId& id) {
  std::uint64_t number = 0;
  std::memcpy(&number, id.bytes.data(), sizeof number);
  return number;
}

std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31U);
}

}  // namespace

context::IdGenerator& Room::ids() {
  ThreadState& thread = thread_state;
  if (thread.ids_seeded_for != key_[0]) {
    std::uint64_t seed[2] = {};
    // An early boot without random bytes: the room's key, the thread's place and the time still differ.
    if (syscall(SYS_getrandom, seed, sizeof seed, 1 /* GRND_NONBLOCK */) != static_cast<long>(sizeof seed)) {
      seed[0] = key_[0] ^ static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(&thread));
      seed[1] = key_[1];
    }
    thread.ids.seed(seed[0], seed[1]);
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
  return mix(mix(mix(high ^ key_[0]) ^ low ^ key_[1]) ^ random) >> kMarkAt;
}

bool Room::made_here(const context::SpanContext& context) const {
  const std::uint64_t number = number_of(context.span_id);
  return own_mark(context.trace_id, number & kRandomBits) == number >> kMarkAt;
}

}  // namespace waybill::observe
