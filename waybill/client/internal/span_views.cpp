#include "waybill/client/internal/span_views.h"

#include <span>

#include "waybill/support/version.h"

namespace waybill::internal {
namespace {

SpanAttribute view_of(const telemetry::Attribute& attribute) {
  if (const auto* texts = std::get_if<std::span<const std::string_view>>(&attribute.value))
    return {attribute.key, ListView<std::string_view>{texts->data(), texts->size()}};
  SpanAttribute view{attribute.key, {}};
  std::visit(
      [&view](const auto& value) {
        if constexpr (!std::is_same_v<decltype(value), const std::span<const std::string_view>&>)
          view.value = value;
      },
      attribute.value);
  return view;
}

SpanData::Time time_of(std::uint64_t unix_ns) {
  return SpanData::Time{std::chrono::nanoseconds{static_cast<std::int64_t>(unix_ns)}};
}

}  // namespace

SpanViews::SpanViews(exporters::Batches batches) {
  for (const auto& batch : batches) add(*batch);
}

void SpanViews::add(const telemetry::SpanBatch& batch) {
  std::vector<SpanAttribute>& resource = attributes_.emplace_back();
  for (const telemetry::Attribute& one : batch.resource->attributes) resource.push_back(view_of(one));
  for (const telemetry::Span& span : batch.spans) {
    std::vector<SpanAttribute>& attributes = attributes_.emplace_back();
    span.for_each_attribute([&](const telemetry::Attribute& one) { attributes.push_back(view_of(one)); });
    spans_.push_back(
        {.name = span.shape->name,
         .kind = static_cast<SpanKind>(span.shape->kind),
         .trace_id = span.context.trace_id.bytes,
         .span_id = span.context.span_id.bytes,
         .flags = span.context.flags,
         .trace_state = span.trace_state,
         .parent_span_id = span.parent_span_id.bytes,
         .parent_is_remote = span.parent_is_remote,
         .start = time_of(span.start_unix_ns),
         .end = time_of(span.end_unix_ns),
         .status = static_cast<SpanStatus>(span.shape->status),
         .status_message = span.status_message(),
         .attributes = {attributes.data(), attributes.size()},
         .links = keep_links(span),
         .dropped_attributes_count = span.shape->dropped_attributes_count + span.dropped_attributes_count,
         .dropped_links_count = span.dropped_links_count,
         .resource = {resource.data(), resource.size()},
         .scope_name = telemetry::kScopeName,
         .scope_version = kVersion});
  }
}

ListView<SpanLink> SpanViews::keep_links(const telemetry::Span& span) {
  std::vector<SpanLink>& links = links_.emplace_back();
  for (const telemetry::Link& link : span.links) {
    std::vector<SpanAttribute>& attributes = attributes_.emplace_back();
    for (const telemetry::Attribute& one : link.attributes) attributes.push_back(view_of(one));
    links.push_back({.trace_id = link.context.trace_id.bytes,
                     .span_id = link.context.span_id.bytes,
                     .flags = link.context.flags,
                     .trace_state = link.trace_state,
                     .attributes = {attributes.data(), attributes.size()},
                     .dropped_attributes_count = link.dropped_attributes_count});
  }
  return {links.data(), links.size()};
}

}  // namespace waybill::internal
