#include "waybill/server/questions/shapes.h"

#include "waybill/otlp/span_json.h"

namespace waybill::server {
namespace {

template <typename Id>
Json digits_or_null(const Id& id) {
  return id.valid() ? Json(otlp::digits_of(id)) : Json(nullptr);
}

}  // namespace

Json json_of(const store::Window& window) {
  return {{"from_ms", ms_of(window.from_ns)}, {"to_ms", ms_of(window.to_ns)}};
}

Json json_of(const analysis::SpanRef& ref) {
  if (!ref.valid()) return nullptr;
  return {{"trace_id", otlp::digits_of(ref.trace_id)}, {"span_id", otlp::digits_of(ref.span_id)}};
}

Json json_of(const analysis::MessageName& name) {
  return {{"topic", name.place.topic},
          {"partition", name.place.partition >= 0 ? Json(name.place.partition) : Json(nullptr)},
          {"offset", name.place.offset >= 0 ? Json(name.place.offset) : Json(nullptr)},
          {"key", or_null(name.key)},
          {"trace_id", digits_or_null(name.context.trace_id)},
          {"span_id", digits_or_null(name.context.span_id)}};
}

Json json_of(const analysis::Verdict& verdict) {
  Json evidence = Json::array();
  for (const analysis::Ground& ground : verdict.evidence)
    evidence.push_back({{"text", ground.text}, {"span", json_of(ground.span)}});
  return {{"state", analysis::name_of(verdict.state)},
          {"cause", verdict.cause},
          {"confidence", analysis::name_of(verdict.confidence)},
          {"text", verdict.text},
          {"evidence", evidence},
          {"missing", verdict.missing}};
}

Json json_of(const std::optional<analysis::Percentiles>& percentiles) {
  if (!percentiles) return nullptr;
  return {{"p50_ms", percentiles->p50_ms},
          {"p95_ms", percentiles->p95_ms},
          {"p99_ms", percentiles->p99_ms},
          {"count", percentiles->count}};
}

analysis::MessageName name_of(const evidence::Span& span) {
  analysis::MessageName name;
  name.place = span.place;
  name.key = span.key;
  const bool is_send =
      span.operation == evidence::Operation::kSend || span.operation == evidence::Operation::kCreate;
  if (is_send) {
    name.context = analysis::ref_of(span);
  } else if (span.links.size() == 1) {
    name.context = analysis::ref_of(span.links.front());
  } else if (span.links.empty() && span.parent_id.valid()) {
    name.context = analysis::parent_of(span);
  }
  return name;
}

std::string name_of(evidence::SpanKind kind) {
  switch (kind) {
    case evidence::SpanKind::kInternal:
      return "INTERNAL";
    case evidence::SpanKind::kServer:
      return "SERVER";
    case evidence::SpanKind::kClient:
      return "CLIENT";
    case evidence::SpanKind::kProducer:
      return "PRODUCER";
    case evidence::SpanKind::kConsumer:
      return "CONSUMER";
    case evidence::SpanKind::kUnspecified:
      break;
  }
  return "UNSPECIFIED";
}

std::string name_of(evidence::Operation operation) {
  switch (operation) {
    case evidence::Operation::kCreate:
      return "create";
    case evidence::Operation::kSend:
      return "send";
    case evidence::Operation::kReceive:
      return "receive";
    case evidence::Operation::kProcess:
      return "process";
    case evidence::Operation::kSettle:
      return "settle";
    case evidence::Operation::kTransaction:
      return "transaction";
    case evidence::Operation::kOther:
      break;
  }
  return "other";
}

std::string name_of(evidence::Persistence persistence) {
  switch (persistence) {
    case evidence::Persistence::kNotPersisted:
      return "not_persisted";
    case evidence::Persistence::kPossiblyPersisted:
      return "possibly_persisted";
    case evidence::Persistence::kPersisted:
      return "persisted";
    case evidence::Persistence::kUnknown:
      break;
  }
  return "unknown";
}

std::string name_of(evidence::Presence presence) {
  switch (presence) {
    case evidence::Presence::kReadable:
      return "readable";
    case evidence::Presence::kAborted:
      return "aborted";
    case evidence::Presence::kNotReadable:
      return "not_readable";
    case evidence::Presence::kBeforeStart:
      return "before_start";
    case evidence::Presence::kBehindEnd:
      return "behind_end";
    case evidence::Presence::kNotAsked:
      break;
  }
  return "not_asked";
}

}  // namespace waybill::server
