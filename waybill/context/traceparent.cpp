#include "waybill/context/traceparent.h"

#include "waybill/context/hex.h"

namespace waybill::context {
namespace {

// Places in "00-<trace id>-<span id>-<flags>".
constexpr std::size_t kTraceIdAt = 3;
constexpr std::size_t kSpanIdAt = 36;
constexpr std::size_t kFlagsAt = 53;

// The flags that version 00 knows; the others are neither kept nor written (section 3.2.2.5.3).
constexpr std::uint8_t kKnownFlags = kFlagSampled | kFlagRandom;

}  // namespace

void format_traceparent(const SpanContext& context, std::span<char, kTraceparentLength> text) {
  char* at = text.data();
  at[0] = '0';
  at[1] = '0';
  at[kTraceIdAt - 1] = '-';
  to_hex(context.trace_id.bytes.data(), context.trace_id.bytes.size(), at + kTraceIdAt);
  at[kSpanIdAt - 1] = '-';
  to_hex(context.span_id.bytes.data(), context.span_id.bytes.size(), at + kSpanIdAt);
  at[kFlagsAt - 1] = '-';
  const std::uint8_t flags = context.flags & kKnownFlags;
  to_hex(&flags, 1, at + kFlagsAt);
}

SpanContext parse_traceparent(std::string_view text) {
  if (text.size() < kTraceparentLength || text.size() > kMaxTraceparentLength) return {};
  const char* at = text.data();
  if (at[kTraceIdAt - 1] != '-' || at[kSpanIdAt - 1] != '-' || at[kFlagsAt - 1] != '-') return {};

  std::uint8_t version = 0;
  std::uint8_t flags = 0;
  SpanContext context;
  if (!from_hex(at, 1, &version) ||
      !from_hex(at + kTraceIdAt, context.trace_id.bytes.size(), context.trace_id.bytes.data()) ||
      !from_hex(at + kSpanIdAt, context.span_id.bytes.size(), context.span_id.bytes.data()) ||
      !from_hex(at + kFlagsAt, 1, &flags)) {
    return {};
  }
  const bool longer = text.size() > kTraceparentLength;
  if (version == 0xff || (version == 0 && longer) || (longer && at[kTraceparentLength] != '-') ||
      !context.valid())
    return {};
  context.flags = flags & kKnownFlags;
  return context;
}

}  // namespace waybill::context
