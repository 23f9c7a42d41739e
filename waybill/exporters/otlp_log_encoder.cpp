#include "waybill/exporters/otlp_log_encoder.h"

#include <cstdint>
#include <optional>

#include "waybill/exporters/otlp_field_writer.h"
#include "waybill/telemetry/log_record.h"

namespace waybill::exporters {
namespace {

using telemetry::LogRecord;

// Field numbers of opentelemetry-proto 1.5.0, by message.
namespace field {
constexpr int kTime = 1, kSeverityNumber = 2, kSeverityText = 3, kAttributes = 6, kFlags = 8, kTraceId = 9,
              kSpanId = 10, kObservedTime = 11, kEventName = 12;
}  // namespace field

constexpr std::size_t kLongLength = 3;  // bytes of the length of a part that is probably long

void write_record(OtlpFieldWriter& fields, const LogRecord& record) {
  ProtobufWriter& writer = fields.writer;
  const ProtobufWriter::Mark message = writer.begin(OtlpFieldWriter::kItems, 2);
  writer.fixed64(field::kTime, record.time_unix_ns);
  writer.varint(field::kSeverityNumber, static_cast<std::uint64_t>(record.severity));
  writer.text(field::kSeverityText, text_of(record.severity));
  for (const telemetry::Attribute& one : record.attributes) fields.attribute(field::kAttributes, one);
  writer.fixed32(field::kFlags, record.context.flags);
  writer.bytes(field::kTraceId, record.context.trace_id.bytes);
  writer.bytes(field::kSpanId, record.context.span_id.bytes);
  writer.fixed64(field::kObservedTime, record.time_unix_ns);
  writer.text(field::kEventName, record.event_name);
  writer.end(message);
}

}  // namespace

std::string_view OtlpLogEncoder::encode(Batches batches) {
  body_.clear();
  OtlpFieldWriter fields{body_};
  for (const auto& batch : batches) {
    fields.in_scope(*batch->resource, kLongLength, [&] {
      for (const telemetry::Span& span : batch->spans) {
        if (const std::optional<LogRecord> record = log_record_of(span)) write_record(fields, *record);
      }
    });
  }
  return body_.view();
}

}  // namespace waybill::exporters
