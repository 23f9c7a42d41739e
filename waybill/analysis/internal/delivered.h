#pragma once

#include <vector>

#include "waybill/analysis/span_ref.h"
#include "waybill/evidence/place.h"
#include "waybill/evidence/span.h"

namespace waybill::analysis {

// One message that a consumer span says it got: where it stands in the log, and the context that it carried.
// Either may not be known.
struct Delivered {
  evidence::Place place;
  std::vector<SpanRef> sent;
};

inline bool is_consumer(const evidence::Span& span) {
  return span.operation == evidence::Operation::kReceive || span.operation == evidence::Operation::kProcess;
}

inline bool is_producer(const evidence::Span& span) {
  return span.operation == evidence::Operation::kCreate || span.operation == evidence::Operation::kSend;
}

// Whether the span is that of one message: a batch of one is not, where its message has a span of its own.
bool is_of_one_send(const evidence::Span& span);

// The messages of a consumer span. A batch names no more than it has links: see `names_all`.
std::vector<Delivered> delivered_by(const evidence::Span& span);

// Whether the span got no more messages than it names.
bool names_all(const evidence::Span& span);

}  // namespace waybill::analysis
