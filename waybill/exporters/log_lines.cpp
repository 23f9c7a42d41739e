#include "waybill/exporters/log_lines.h"

#include <optional>
#include <string_view>

#include "waybill/exporters/span_text.h"
#include "waybill/telemetry/log_record.h"

namespace waybill::exporters {
namespace {

using telemetry::LogRecord;

std::string line_of(const telemetry::Resource& resource, const telemetry::Span& span, const LogRecord& record,
                    ConsoleStyle style) {
  const std::string head = std::string{text_of(record.severity)} + " " + std::string{record.event_name};
  const std::string ids =
      " trace=" + hex_text(record.context.trace_id) + " span=" + hex_text(record.context.span_id);
  return time_of_day(record.time_unix_ns) + " " + escaped(service_name(resource)) + " " +
         emphasised(head, style) + " \"" + escaped(span.shape->name) + "\"" + place_of(span) +
         failure_of(span, style) + dimmed(ids, style) + "\n";
}

}  // namespace

std::string log_lines(Batches batches, ConsoleStyle style) {
  std::string lines;
  for (const auto& batch : batches) {
    for (const telemetry::Span& span : batch->spans) {
      if (const std::optional<LogRecord> record = log_record_of(span))
        lines += line_of(*batch->resource, span, *record, style);
    }
  }
  return lines;
}

}  // namespace waybill::exporters
