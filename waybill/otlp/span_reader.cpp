#include <algorithm>

#include "waybill/otlp/internal/attributes.h"
#include "waybill/otlp/internal/ids.h"
#include "waybill/otlp/internal/messaging_attributes.h"
#include "waybill/otlp/internal/sampling_threshold.h"
#include "waybill/otlp/readers.h"

namespace waybill::otlp {
namespace {

using internal::adjusted_count;
using internal::find_text;
using internal::id_of;
using internal::KeyValues;
using internal::place_of;
using internal::read_messaging;
using internal::time_of;

namespace trace = opentelemetry::proto::trace::v1;

// Null: nothing is wrong with it.
const char* what_is_wrong_with(const trace::Span& span) {
  if (!id_of<context::TraceId>(span.trace_id()).valid())
    return "a span's trace_id must be 16 bytes, not all zero";
  if (!id_of<context::SpanId>(span.span_id()).valid())
    return "a span's span_id must be 8 bytes, not all zero";
  if (time_of(span.start_time_unix_nano()) == 0) return "a span has no start_time_unix_nano";
  return nullptr;
}

std::vector<evidence::Link> links_of(const trace::Span& from) {
  std::vector<evidence::Link> links;
  links.reserve(static_cast<std::size_t>(from.links_size()));
  for (const trace::Span::Link& link : from.links()) {
    evidence::Link read{id_of<context::TraceId>(link.trace_id()), id_of<context::SpanId>(link.span_id()),
                        place_of(link.attributes())};
    if (read.trace_id.valid() && read.span_id.valid()) links.push_back(std::move(read));
  }
  return links;
}

// What the resource says, once for all of its spans.
struct Origin {
  std::string service;
  std::string instance;
  std::string bytes;
};

evidence::Span span_of(const trace::Span& from, const Origin& origin) {
  evidence::Span span;
  span.trace_id = id_of<context::TraceId>(from.trace_id());
  span.span_id = id_of<context::SpanId>(from.span_id());
  span.parent_id = id_of<context::SpanId>(from.parent_span_id());
  span.start_ns = time_of(from.start_time_unix_nano());
  span.end_ns = std::max(span.start_ns, time_of(from.end_time_unix_nano()));
  const bool is_known_kind = from.kind() >= 0 && from.kind() <= trace::Span::SPAN_KIND_CONSUMER;
  if (is_known_kind) span.kind = static_cast<evidence::SpanKind>(from.kind());
  span.failed = from.status().code() == trace::Status::STATUS_CODE_ERROR;
  span.name = from.name();
  span.service = origin.service;
  span.instance = origin.instance;
  read_messaging(from, span);
  span.links = links_of(from);
  span.adjusted_count = adjusted_count(from.trace_state());
  span.body = from.SerializeAsString();
  span.resource = origin.bytes;
  return span;
}

}  // namespace

Received read(const collector::trace::v1::ExportTraceServiceRequest& request) {
  Received received;
  for (const trace::ResourceSpans& of_resource : request.resource_spans()) {
    const KeyValues& attributes = of_resource.resource().attributes();
    const Origin origin{find_text(attributes, "service.name"), find_text(attributes, "service.instance.id"),
                        of_resource.resource().SerializeAsString()};
    for (const trace::ScopeSpans& of_scope : of_resource.scope_spans()) {
      for (const trace::Span& span : of_scope.spans()) {
        const char* wrong = what_is_wrong_with(span);
        if (wrong == nullptr) {
          received.spans.push_back(span_of(span, origin));
        } else if (received.rejected++ == 0) {
          received.why = wrong;
        }
      }
    }
  }
  return received;
}

}  // namespace waybill::otlp
