#include "waybill/otlp/internal/attributes.h"
#include "waybill/otlp/internal/ids.h"
#include "waybill/otlp/readers.h"

namespace waybill::otlp {
namespace {

using internal::find_text;
using internal::id_of;
using internal::text_of;
using internal::time_of;

namespace logs = opentelemetry::proto::logs::v1;

evidence::LogRecord record_of(const logs::LogRecord& from, const std::string& service,
                              const std::string& resource) {
  evidence::LogRecord record;
  const std::uint64_t time =
      from.time_unix_nano() != 0 ? from.time_unix_nano() : from.observed_time_unix_nano();
  record.time_ns = time_of(time);
  record.severity = from.severity_number();
  // A field of its own since OTLP 1.5; an attribute before.
  record.event_name =
      from.event_name().empty() ? find_text(from.attributes(), "event.name") : from.event_name();
  record.service = service;
  record.trace_id = id_of<context::TraceId>(from.trace_id());
  record.span_id = id_of<context::SpanId>(from.span_id());
  record.error_type = find_text(from.attributes(), "exception.type");
  record.text = find_text(from.attributes(), "exception.message");
  if (record.text.empty()) record.text = text_of(from.body());
  record.body = from.SerializeAsString();
  record.resource = resource;
  return record;
}

}  // namespace

Received read(const collector::logs::v1::ExportLogsServiceRequest& request) {
  Received received;
  for (const logs::ResourceLogs& of_resource : request.resource_logs()) {
    const std::string service = find_text(of_resource.resource().attributes(), "service.name");
    const std::string resource = of_resource.resource().SerializeAsString();
    for (const logs::ScopeLogs& of_scope : of_resource.scope_logs())
      for (const logs::LogRecord& record : of_scope.log_records())
        received.log_records.push_back(record_of(record, service, resource));
  }
  return received;
}

}  // namespace waybill::otlp
