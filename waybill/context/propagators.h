#pragma once

#include <cstddef>
#include <cstdint>

namespace waybill::context {

// A way in which a context stands in a message's headers. The numbers stand in segments.
enum class Propagator : std::uint8_t {
  kTraceContext = 1,  // W3C Trace Context: traceparent, tracestate
  kBaggage = 2,       // W3C Baggage: baggage
  kB3 = 3,            // B3 in one header: b3
  kB3Multi = 4,       // B3 in several: X-B3-TraceId, …
  kJaeger = 5,        // uber-trace-id
};

// The propagators in use, in the order of OTEL_PROPAGATORS, each at most once: of the contexts that they
// find, the last one's counts. A value of 24 bits, four for each.
class Propagators {
 public:
  constexpr Propagators() = default;
  template <typename... Others>
  constexpr explicit Propagators(Propagator first, Others... others) {
    add(first);
    (add(others), ...);
  }
  static constexpr Propagators from_packed(std::uint32_t packed) {
    Propagators propagators;
    propagators.packed_ = packed;
    return propagators;
  }

  constexpr void add(Propagator propagator) {
    if (!has(propagator)) packed_ |= to_number(propagator) << 4U * size();
  }
  constexpr bool has(Propagator propagator) const {
    for (unsigned rest = packed_; rest != 0; rest >>= 4U) {
      if ((rest & 15U) == to_number(propagator)) return true;
    }
    return false;
  }
  constexpr bool empty() const { return packed_ == 0; }
  // Whether one of them carries a span's context, and not baggage alone.
  constexpr bool carry_context() const { return packed_ != 0 && packed_ != to_number(Propagator::kBaggage); }
  constexpr std::uint32_t packed() const { return packed_; }

  // Calls `visit(Propagator)` for each.
  template <typename Visitor>
  constexpr void for_each(Visitor&& visit) const {
    for (unsigned rest = packed_; rest != 0; rest >>= 4U) visit(static_cast<Propagator>(rest & 15U));
  }

  friend constexpr bool operator==(const Propagators&, const Propagators&) = default;

 private:
  static constexpr unsigned to_number(Propagator propagator) { return static_cast<unsigned>(propagator); }
  constexpr unsigned size() const {
    unsigned count = 0;
    for (unsigned rest = packed_; rest != 0; rest >>= 4U) ++count;
    return count;
  }

  std::uint32_t packed_ = 0;
};

// OTEL_PROPAGATORS when it is not set.
inline constexpr Propagators kDefaultPropagators{Propagator::kTraceContext, Propagator::kBaggage};

}  // namespace waybill::context
