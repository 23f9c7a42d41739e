#include "waybill/context/b3.h"

#include "waybill/context/hex.h"

namespace waybill::context {
namespace {

using Outcome = ParsedB3::Outcome;

constexpr std::size_t kLongTraceId = 32;
constexpr std::size_t kShortTraceId = 16;
constexpr std::size_t kSpanId = 16;

// The flags that a sampling state means; false: there is no such state.
bool read_state(char state, std::uint8_t& flags) {
  switch (state) {
    case '0':
      flags = 0;
      return true;
    case '1':
      flags = kFlagSampled;
      return true;
    case 'd':
      flags = kFlagSampled | kFlagDebug;
      return true;
    default:
      return false;
  }
}

// A short trace id fills the right half (OpenTelemetry: pad with zeros to the left).
bool read_ids(std::string_view trace_id, std::string_view span_id, SpanContext& context) {
  const bool is_long = trace_id.size() == kLongTraceId;
  if ((!is_long && trace_id.size() != kShortTraceId) || span_id.size() != kSpanId) return false;
  std::uint8_t* trace = context.trace_id.bytes.data() + (is_long ? 0 : kShortTraceId / 2);
  return from_hex(trace_id.data(), trace_id.size() / 2, trace) &&
         from_hex(span_id.data(), kSpanId / 2, context.span_id.bytes.data()) && context.valid();
}

bool is_parent_id(std::string_view text) {
  SpanId parent;
  return text.size() == kSpanId && from_hex(text.data(), kSpanId / 2, parent.bytes.data());
}

// What stands after the ids: nothing, "-<state>" or "-<state>-<parent id>".
bool read_rest(std::string_view rest, std::uint8_t& flags) {
  if (rest.empty()) return true;
  if (rest.size() < 2 || rest[0] != '-' || !read_state(rest[1], flags)) return false;
  if (rest.size() == 2) return true;
  return rest[2] == '-' && is_parent_id({rest.data() + 3, rest.size() - 3});
}

bool read_multi_state(const B3Multi& headers, std::uint8_t& flags) {
  if (headers.flags == "1") return read_state('d', flags);
  if (headers.sampled.empty() || headers.sampled == "0" || headers.sampled == "false") return true;
  return (headers.sampled == "1" || headers.sampled == "true") && read_state('1', flags);
}

char state_of(const SpanContext& context) {
  if ((context.flags & kFlagDebug) != 0) return 'd';
  return context.sampled() ? '1' : '0';
}

}  // namespace

void format_b3(const SpanContext& context, std::span<char, kB3Length> text) {
  char* at = text.data();
  to_hex(context.trace_id.bytes.data(), context.trace_id.bytes.size(), at);
  at[kLongTraceId] = '-';
  to_hex(context.span_id.bytes.data(), context.span_id.bytes.size(), at + kLongTraceId + 1);
  at[kB3Length - 2] = '-';
  at[kB3Length - 1] = state_of(context);
}

ParsedB3 parse_b3(std::string_view text) {
  ParsedB3 parsed;
  std::uint8_t alone = 0;
  if (text.size() == 1 && read_state(text[0], alone)) return parsed;
  parsed.outcome = Outcome::kMalformed;
  const std::size_t trace_size = text.find('-');
  if (trace_size != kLongTraceId && trace_size != kShortTraceId) return parsed;
  const std::size_t ids_size = trace_size + 1 + kSpanId;
  if (text.size() < ids_size) return parsed;
  SpanContext context;
  if (!read_ids({text.data(), trace_size}, {text.data() + trace_size + 1, kSpanId}, context) ||
      !read_rest({text.data() + ids_size, text.size() - ids_size}, context.flags)) {
    return parsed;
  }
  return {Outcome::kValid, context};
}

ParsedB3 parse_b3_multi(const B3Multi& headers) {
  if (headers.trace_id.empty() && headers.span_id.empty()) return {};
  ParsedB3 parsed{Outcome::kMalformed, {}};
  SpanContext context;
  if (!read_ids(headers.trace_id, headers.span_id, context) || !read_multi_state(headers, context.flags))
    return parsed;
  return {Outcome::kValid, context};
}

B3MultiText format_b3_multi(const SpanContext& context) {
  B3MultiText text;
  to_hex(context.trace_id.bytes.data(), context.trace_id.bytes.size(), text.trace_id);
  to_hex(context.span_id.bytes.data(), context.span_id.bytes.size(), text.span_id);
  text.debug = (context.flags & kFlagDebug) != 0;
  text.sampled = context.sampled() ? '1' : '0';
  return text;
}

}  // namespace waybill::context
