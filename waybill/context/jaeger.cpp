#include "waybill/context/jaeger.h"

#include <algorithm>

#include "waybill/context/hex.h"
#include "waybill/context/internal/text_cursor.h"

namespace waybill::context {
namespace {

using internal::Text;

constexpr std::size_t kTraceDigits = 32;
constexpr std::size_t kSpanDigits = 16;
constexpr std::size_t kFlagDigits = 2;
constexpr std::uint8_t kSampledBit = 1;
constexpr std::uint8_t kDebugBit = 2;

// Takes what stands before the next colon, plain or percent-encoded; false: there is none.
bool take_until_colon(Text& rest, Text& part) {
  for (const char* at = rest.begin; at != rest.end; ++at) {
    const bool is_encoded =
        rest.end - at >= 3 && at[0] == '%' && at[1] == '3' && (at[2] == 'A' || at[2] == 'a');
    if (*at != ':' && !is_encoded) continue;
    part = {rest.begin, at};
    rest.begin = at + (is_encoded ? 3 : 1);
    return true;
  }
  return false;
}

// Reads 1 to 2 * Size digits into the right end of `bytes`.
template <std::size_t Size>
bool read_digits(Text text, std::uint8_t (&bytes)[Size]) {
  if (text.size() == 0 || text.size() > 2 * Size) return false;
  char digits[2 * Size];
  std::fill_n(digits, 2 * Size - text.size(), '0');
  std::copy(text.begin, text.end, digits + 2 * Size - text.size());
  return from_hex(digits, Size, bytes);
}

std::uint8_t flags_of(std::uint8_t bits) {
  if ((bits & kDebugBit) != 0) return kFlagSampled | kFlagDebug;
  return (bits & kSampledBit) != 0 ? kFlagSampled : std::uint8_t{0};
}

char bits_of(const SpanContext& context) {
  if ((context.flags & kFlagDebug) != 0) return '3';
  return context.sampled() ? '1' : '0';
}

}  // namespace

void format_jaeger(const SpanContext& context, std::span<char, kJaegerLength> text) {
  char* at = text.data();
  to_hex(context.trace_id.bytes.data(), context.trace_id.bytes.size(), at);
  at += kTraceDigits;
  *at++ = ':';
  to_hex(context.span_id.bytes.data(), context.span_id.bytes.size(), at);
  at += kSpanDigits;
  *at++ = ':';
  *at++ = '0';
  *at++ = ':';
  *at = bits_of(context);
}

SpanContext parse_jaeger(std::string_view text) {
  Text rest{text.data(), text.data() + text.size()};
  Text trace_id{};
  Text span_id{};
  Text parent_id{};
  if (!take_until_colon(rest, trace_id) || !take_until_colon(rest, span_id) ||
      !take_until_colon(rest, parent_id))
    return {};
  std::uint8_t trace[kTraceDigits / 2];
  std::uint8_t span[kSpanDigits / 2];
  std::uint8_t parent[kSpanDigits / 2];
  std::uint8_t bits[kFlagDigits / 2];
  if (!read_digits(trace_id, trace) || !read_digits(span_id, span) || !read_digits(parent_id, parent) ||
      !read_digits(rest, bits))
    return {};
  SpanContext context;
  std::copy_n(trace, sizeof trace, context.trace_id.bytes.begin());
  std::copy_n(span, sizeof span, context.span_id.bytes.begin());
  context.flags = flags_of(bits[0]);
  return context.valid() ? context : SpanContext{};
}

}  // namespace waybill::context
