#include "waybill/exporters/console_lines.h"

#include "waybill/exporters/span_text.h"

namespace waybill::exporters {

std::string console_lines(Batches batches, ConsoleStyle style) {
  std::string lines;
  for (const auto& batch : batches) {
    for (const telemetry::Span& span : batch->spans) lines += console_line(*batch->resource, span, style);
  }
  return lines;
}

std::string console_line(const telemetry::Resource& resource, const telemetry::Span& span,
                         ConsoleStyle style) {
  std::string ids = " trace=" + hex_text(span.context.trace_id) + " span=" + hex_text(span.context.span_id);
  if (span.parent_span_id.valid()) ids += " parent=" + hex_text(span.parent_span_id);
  if (!span.links.empty()) ids += " links=" + std::to_string(span.links.size());
  return time_of_day(span.start_unix_ns) + " " + escaped(service_name(resource)) + " " +
         name_of(span.shape->kind) + " \"" + emphasised(escaped(span.shape->name), style) + "\" " +
         milliseconds(duration_ns(span)) + place_of(span) + dimmed(ids, style) + failure_of(span, style) +
         "\n";
}

}  // namespace waybill::exporters
