#pragma once

#include <cstddef>
#include <vector>

#include "waybill/evidence/span.h"
#include "waybill/store/store.h"
#include "waybill/support/expected.h"

namespace waybill::server {

// The spans of a trace, and those of other traces that links lead to, in both directions: whom it came from,
// and who links to it.
struct LinkedSpans {
  std::vector<evidence::Span> spans;
  bool is_cut = false;  // there are more than `most`
};

Expected<LinkedSpans> find_linked_spans(store::Store& store, const context::TraceId& trace, std::size_t most);

}  // namespace waybill::server
