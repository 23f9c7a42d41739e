#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "waybill/context/span_context.h"
#include "waybill/evidence/span.h"

namespace waybill::analysis {

// One line of a timeline. Indices are into the spans that were given.
struct TreeRow {
  std::size_t span = 0;
  int depth = 0;
  std::vector<std::optional<std::size_t>> links;  // one for each link of the span; none: nobody has seen it
  std::vector<std::size_t> linked_by;             // the spans that link to this one
};

struct TraceTree {
  std::vector<TreeRow> rows;  // each span once; those of the asked trace's roots first
  std::int64_t start_ns = 0;  // of the first span of all
  std::int64_t end_ns = 0;    // of the last one
  std::vector<std::string> missing;
};

// Lays the spans of a trace, and of traces that links lead to, out as a timeline: children below their
// parent, a span that has only links below the first linked one that is there, brothers in the order of their
// starts. A parent that is not there, and parents in a ring, are said in `missing`; a span that stands twice
// counts once.
TraceTree lay_out(std::span<const evidence::Span> spans, const context::TraceId& trace);

}  // namespace waybill::analysis
