#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "waybill/context/span_context.h"
#include "waybill/evidence/span.h"

namespace waybill::analysis {

// Names one span; not valid: none. Usable as the key of a hash table.
struct SpanRef {
  context::TraceId trace_id;
  context::SpanId span_id;

  bool valid() const { return trace_id.valid() && span_id.valid(); }
  friend bool operator==(const SpanRef&, const SpanRef&) = default;
};

struct SpanRefHash {
  std::size_t operator()(const SpanRef& ref) const {
    std::uint64_t trace_half = 0;
    std::uint64_t span = 0;
    std::memcpy(&trace_half, ref.trace_id.bytes.data() + 8, sizeof trace_half);
    std::memcpy(&span, ref.span_id.bytes.data(), sizeof span);
    return static_cast<std::size_t>(span ^ (trace_half * 0x9E3779B97F4A7C15ULL));
  }
};

inline SpanRef ref_of(const evidence::Span& span) { return {span.trace_id, span.span_id}; }
inline SpanRef parent_of(const evidence::Span& span) { return {span.trace_id, span.parent_id}; }
inline SpanRef ref_of(const evidence::Link& link) { return {link.trace_id, link.span_id}; }

}  // namespace waybill::analysis
