#include "waybill/exporters/otlp_json_encoder.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "waybill/exporters/otlp_flags.h"
#include "waybill/exporters/otlp_json_values.h"
#include "waybill/exporters/span_text.h"

namespace waybill::exporters {
namespace {

using Json = nlohmann::ordered_json;
using telemetry::Attribute;
using telemetry::Span;

void put_unless_empty(Json& object, const char* name, std::string_view text) {
  if (!text.empty()) object[name] = text;
}

void put_count(Json& object, const char* name, std::uint32_t count) {
  if (count != 0) object[name] = count;
}

Json link_object(const telemetry::Link& link) {
  Json object;
  object["traceId"] = hex_text(link.context.trace_id);
  object["spanId"] = hex_text(link.context.span_id);
  put_unless_empty(object, "traceState", link.trace_state);
  if (!link.attributes.empty()) object["attributes"] = otlp_json_attributes(link.attributes);
  put_count(object, "droppedAttributesCount", link.dropped_attributes_count);
  object["flags"] = otlp_flags(link.context.flags, true);
  return object;
}

Json status_object(const Span& span) {
  Json status = Json::object();
  put_unless_empty(status, "message", span.status_message());
  status["code"] = static_cast<int>(span.shape->status);
  return status;
}

Json span_object(const Span& span) {
  Json object;
  object["traceId"] = hex_text(span.context.trace_id);
  object["spanId"] = hex_text(span.context.span_id);
  put_unless_empty(object, "traceState", span.trace_state);
  if (span.parent_span_id.valid()) object["parentSpanId"] = hex_text(span.parent_span_id);
  object["flags"] = otlp_flags(span.context.flags, span.parent_is_remote);
  object["name"] = span.shape->name;
  object["kind"] = static_cast<int>(span.shape->kind);
  object["startTimeUnixNano"] = std::to_string(span.start_unix_ns);
  object["endTimeUnixNano"] = std::to_string(span.end_unix_ns);
  Json attributes = Json::array();
  span.for_each_attribute([&](const Attribute& one) { append_otlp_json(attributes, one); });
  if (!attributes.empty()) object["attributes"] = std::move(attributes);
  put_count(object, "droppedAttributesCount",
            span.shape->dropped_attributes_count + span.dropped_attributes_count);
  for (const telemetry::Link& one : span.links) object["links"].push_back(link_object(one));
  put_count(object, "droppedLinksCount", span.dropped_links_count);
  if (span.shape->status != telemetry::StatusCode::kUnset) object["status"] = status_object(span);
  return object;
}

Json resource_spans(const telemetry::SpanBatch& batch) {
  Json spans = Json::array();
  for (const Span& one : batch.spans) spans.push_back(span_object(one));
  return otlp_json_in_scope(*batch.resource, {.scopes = "scopeSpans", .items = "spans"}, std::move(spans));
}

}  // namespace

std::string otlp_json(Batches batches) {
  Json request;
  request["resourceSpans"] = Json::array();
  for (const auto& batch : batches) request["resourceSpans"].push_back(resource_spans(*batch));
  return request.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace waybill::exporters
