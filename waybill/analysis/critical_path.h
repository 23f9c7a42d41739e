#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "waybill/analysis/span_ref.h"
#include "waybill/context/span_context.h"
#include "waybill/evidence/span.h"

namespace waybill::analysis {

enum class PathPart : std::uint8_t {
  kProcessing = 0,  // of messages
  kClientQueue,     // in the producer, until the request left
  kBroker,          // from there to the answer
  kLog,             // from the answer to the hand-over
  kWait,            // between two pieces of work of one side: behind others of a batch, or for a thread
  kOther,           // any other work
};

// "client_queue", as the server answers it.
std::string_view name_of(PathPart part);

struct PathSegment {
  PathPart part = PathPart::kOther;
  std::int64_t from_ns = 0;
  std::int64_t to_ns = 0;
  SpanRef span;
  std::string text;
};

struct CriticalPath {
  std::vector<PathSegment> segments;  // in the order of time, each begins where the one before ends
  std::vector<std::string> missing;   // spans that nobody has seen, clocks that disagree, rings
};

// Where the time went on the way to the work that ended last: followed back through parents and through the
// links of consumers to their messages, over all traces that are given. Of several causes the one counts that
// came last: of a batch, the message that was answered last. Work that ends after its parent did, but for
// commits, is no part of the parent. `trace` says where to begin: the last work that follows from a span of
// that trace.
CriticalPath find_critical_path(std::span<const evidence::Span> spans, const context::TraceId& trace);

}  // namespace waybill::analysis
