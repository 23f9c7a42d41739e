#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "waybill/context/span_context.h"

// Jaeger's own propagation (jaegertracing.io, "Client Libraries", Propagation Format), in one header
// `uber-trace-id`.
namespace waybill::context {

// "<trace id>:<span id>:0:<flags>", as we write it: 32 + 16 + 1 + 1 characters and three colons. The parent's
// id is out of use: 0.
inline constexpr std::size_t kJaegerLength = 53;

// Writes `context` as an uber-trace-id header, without a zero byte. The flags are 1 (sampled), 3 (debug) or
// 0.
void format_jaeger(const SpanContext& context, std::span<char, kJaegerLength> text);

// The sampled flag of a text that format_jaeger() has written.
inline bool jaeger_says_sampled(const char* text) { return text[kJaegerLength - 1] != '0'; }

// Reads an uber-trace-id header, whose colons may be percent-encoded (%3A). Ids of up to 32 and 16 digits may
// have lost zeros on the left. Other flags than sampled and debug, and the parent's id, are not kept. Not
// valid: malformed (blanks, zero ids, upper-case digits, anything longer).
SpanContext parse_jaeger(std::string_view text);

}  // namespace waybill::context
