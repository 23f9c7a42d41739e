#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "waybill/context/span_context.h"

// B3 propagation (github.com/openzipkin/b3-propagation; OpenTelemetry specification, "Propagators API", B3
// Requirements): in one header `b3`, or in several `X-B3-*`.
namespace waybill::context {

// "<trace id>-<span id>-<sampling state>", as we write it: 32 + 16 + 1 characters and two dashes.
inline constexpr std::size_t kB3Length = 51;

// Writes `context` as a b3 header, without a zero byte. The sampling state is 1, 0, or d for debug.
void format_b3(const SpanContext& context, std::span<char, kB3Length> text);

// The sampling state of a text that format_b3() has written.
inline bool b3_says_sampled(const char* text) { return text[kB3Length - 1] != '0'; }

struct ParsedB3 {
  enum class Outcome { kValid, kAbsent, kMalformed };
  Outcome outcome = Outcome::kAbsent;
  SpanContext context;
};

// Reads a b3 header: 16 or 32 digits of trace id, 16 of span id, and optionally the sampling state and the
// parent's id, which is not kept. Without a state the trace is not sampled. A state alone ("0") names no
// trace: absent. Malformed: upper-case digits, blanks, zero ids, any other length.
ParsedB3 parse_b3(std::string_view text);

// The values of the X-B3-* headers; empty: not there.
struct B3Multi {
  std::string_view trace_id;
  std::string_view span_id;
  std::string_view sampled;  // 1, 0, or as old tracers write: true, false
  std::string_view flags;    // 1: debug
};

// Reads them by the same rules. Absent: neither id is there.
ParsedB3 parse_b3_multi(const B3Multi& headers);

// The texts of the X-B3-* headers that are written.
struct B3MultiText {
  char trace_id[32];
  char span_id[16];
  char sampled;  // 1 or 0; not written for a debug trace
  bool debug;    // X-B3-Flags: 1 is written
};
B3MultiText format_b3_multi(const SpanContext& context);

}  // namespace waybill::context
