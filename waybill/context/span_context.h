#pragma once

#include <array>
#include <cstdint>
#include <cstring>

namespace waybill::context {

// 16 bytes that name a trace; all zero means "none" (W3C Trace Context, section 3.2.2.3).
struct alignas(8) TraceId {
  std::array<std::uint8_t, 16> bytes{};

  bool valid() const {
    std::uint64_t halves[2];
    std::memcpy(halves, bytes.data(), sizeof halves);
    return (halves[0] | halves[1]) != 0;
  }
  friend bool operator==(const TraceId&, const TraceId&) = default;
};

// 8 bytes that name a span in its trace; all zero means "none" (section 3.2.2.4).
struct alignas(8) SpanId {
  std::array<std::uint8_t, 8> bytes{};

  bool valid() const {
    std::uint64_t number = 0;
    std::memcpy(&number, bytes.data(), sizeof number);
    return number != 0;
  }
  friend bool operator==(const SpanId&, const SpanId&) = default;
};

// Bit 0 of the trace flags: the caller may have recorded this trace (section 3.2.2.5.1). Test the bit, never
// compare the whole value: Java and Python write 03 (sampled and random), Go writes 01.
inline constexpr std::uint8_t kFlagSampled = 0x01;
// Bit 1: at least the right-most 7 bytes of the trace id are random (Trace Context level 2).
inline constexpr std::uint8_t kFlagRandom = 0x02;
// Ours, in no W3C header: the trace came with B3's debug flag, which travels on (OpenTelemetry specification,
// Propagators API, B3 Extract). Such a trace is sampled too.
inline constexpr std::uint8_t kFlagDebug = 0x80;

// What travels with a message: which trace, which span, sampled or not. A value; valid when both ids are.
struct SpanContext {
  TraceId trace_id;
  SpanId span_id;
  std::uint8_t flags = 0;

  bool valid() const { return trace_id.valid() && span_id.valid(); }
  bool sampled() const { return (flags & kFlagSampled) != 0; }
  friend bool operator==(const SpanContext&, const SpanContext&) = default;
};

}  // namespace waybill::context
