#include "waybill/analysis/internal/span_index.h"

namespace waybill::analysis {

SpanIndex::SpanIndex(std::span<const evidence::Span> spans) {
  all_.reserve(spans.size());
  for (const evidence::Span& span : spans) {
    if (!by_ref_.emplace(ref_of(span), &span).second) continue;
    all_.push_back(&span);
    if (span.parent_id.valid()) by_parent_[parent_of(span)].push_back(&span);
  }
}

const evidence::Span* SpanIndex::find(const SpanRef& ref) const {
  const auto found = by_ref_.find(ref);
  return found == by_ref_.end() ? nullptr : found->second;
}

std::span<const evidence::Span* const> SpanIndex::children_of(const SpanRef& ref) const {
  const auto found = by_parent_.find(ref);
  if (found == by_parent_.end()) return {};
  return found->second;
}

}  // namespace waybill::analysis
