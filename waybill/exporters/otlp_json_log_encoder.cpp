#include "waybill/exporters/otlp_json_log_encoder.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "waybill/exporters/otlp_json_values.h"
#include "waybill/exporters/span_text.h"
#include "waybill/telemetry/log_record.h"

namespace waybill::exporters {
namespace {

using Json = nlohmann::ordered_json;
using telemetry::LogRecord;

Json record_object(const LogRecord& record) {
  Json object;
  object["timeUnixNano"] = std::to_string(record.time_unix_ns);
  object["observedTimeUnixNano"] = std::to_string(record.time_unix_ns);
  object["severityNumber"] = static_cast<int>(record.severity);
  object["severityText"] = text_of(record.severity);
  object["eventName"] = record.event_name;
  object["attributes"] = otlp_json_attributes(record.attributes);
  object["flags"] = record.context.flags;
  object["traceId"] = hex_text(record.context.trace_id);
  object["spanId"] = hex_text(record.context.span_id);
  return object;
}

Json resource_logs(const telemetry::SpanBatch& batch) {
  Json records = Json::array();
  for (const telemetry::Span& span : batch.spans) {
    if (const std::optional<LogRecord> record = log_record_of(span))
      records.push_back(record_object(*record));
  }
  return otlp_json_in_scope(*batch.resource, {.scopes = "scopeLogs", .items = "logRecords"},
                            std::move(records));
}

}  // namespace

std::string otlp_json_logs(Batches batches) {
  Json request;
  request["resourceLogs"] = Json::array();
  for (const auto& batch : batches) request["resourceLogs"].push_back(resource_logs(*batch));
  return request.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace waybill::exporters
