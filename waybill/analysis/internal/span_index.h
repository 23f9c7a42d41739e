#pragma once

#include <cstddef>
#include <span>
#include <unordered_map>
#include <vector>

#include "waybill/analysis/span_ref.h"
#include "waybill/evidence/span.h"

namespace waybill::analysis {

// Finds spans by their names, and a span's children. Borrows the spans. Of a span that stands twice the first
// counts.
class SpanIndex {
 public:
  explicit SpanIndex(std::span<const evidence::Span> spans);

  const std::vector<const evidence::Span*>& all() const { return all_; }
  const evidence::Span* find(const SpanRef& ref) const;  // null: not there
  // In the order given. Borrowed from the index.
  std::span<const evidence::Span* const> children_of(const SpanRef& ref) const;

 private:
  std::vector<const evidence::Span*> all_;  // each once
  std::unordered_map<SpanRef, const evidence::Span*, SpanRefHash> by_ref_;
  std::unordered_map<SpanRef, std::vector<const evidence::Span*>, SpanRefHash> by_parent_;
};

}  // namespace waybill::analysis
