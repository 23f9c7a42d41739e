#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "waybill/context/span_context.h"

namespace waybill::context {

// The length of a version 00 traceparent: 2 + 32 + 16 + 2 digits and three dashes (W3C Trace Context,
// section 3.2.2).
inline constexpr std::size_t kTraceparentLength = 55;

// A later version may be longer; beyond this it is taken for malformed.
inline constexpr std::size_t kMaxTraceparentLength = 512;

// Writes `context` as a version 00 traceparent, without a zero byte. Of the flags, sampled and random are
// written.
void format_traceparent(const SpanContext& context, std::span<char, kTraceparentLength> text);

// The sampled flag in a text that format_traceparent() has written.
inline bool says_sampled(const char* text) {
  return (static_cast<unsigned>(text[kTraceparentLength - 1] - '0') & kFlagSampled) != 0;
}

// Reads a traceparent of version 00 (exactly 55 characters) or of a later version (its first 55, then the end
// or a dash). Gives no valid context for version ff, upper-case digits, blanks, zero ids, any other length.
// Of the flags, sampled and random are kept.
SpanContext parse_traceparent(std::string_view text);

}  // namespace waybill::context
