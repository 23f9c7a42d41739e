#include "waybill/exporters/otlp_encoder.h"

#include "waybill/exporters/otlp_field_writer.h"
#include "waybill/exporters/otlp_flags.h"

namespace waybill::exporters {
namespace {

using telemetry::Attribute;
using telemetry::Span;

// Field numbers of opentelemetry-proto 1.5.0, by message.
namespace field {
constexpr int kSpanTraceId = 1, kSpanSpanId = 2, kSpanTraceState = 3, kSpanParent = 4, kSpanName = 5,
              kSpanKind = 6;
constexpr int kSpanStart = 7, kSpanEnd = 8, kSpanAttributes = 9, kSpanDroppedAttributes = 10, kSpanLinks = 13;
constexpr int kSpanDroppedLinks = 14, kSpanStatus = 15, kSpanFlags = 16;
constexpr int kLinkTraceId = 1, kLinkSpanId = 2, kLinkTraceState = 3, kLinkAttributes = 4,
              kLinkDroppedAttributes = 5, kLinkFlags = 6;
constexpr int kStatusMessage = 2, kStatusCode = 3;
}  // namespace field

constexpr std::size_t kMostShapes = 16'384;
constexpr std::size_t kMostShapeBytes = std::size_t{32} << 20U;

void write_link(OtlpFieldWriter& fields, const telemetry::Link& link) {
  ProtobufWriter& writer = fields.writer;
  const ProtobufWriter::Mark message = writer.begin(field::kSpanLinks);
  writer.bytes(field::kLinkTraceId, link.context.trace_id.bytes);
  writer.bytes(field::kLinkSpanId, link.context.span_id.bytes);
  fields.text_unless_empty(field::kLinkTraceState, link.trace_state);
  for (const Attribute& one : link.attributes) fields.attribute(field::kLinkAttributes, one);
  if (link.dropped_attributes_count != 0)
    writer.varint(field::kLinkDroppedAttributes, link.dropped_attributes_count);
  writer.fixed32(field::kLinkFlags, otlp_flags(link.context.flags, true));
  writer.end(message);
}

void write_status(OtlpFieldWriter& fields, telemetry::StatusCode code, std::string_view message) {
  const ProtobufWriter::Mark status = fields.writer.begin(field::kSpanStatus);
  fields.text_unless_empty(field::kStatusMessage, message);
  fields.writer.varint(field::kStatusCode, static_cast<std::uint64_t>(code));
  fields.writer.end(status);
}

// The fields of a span that follow from its shape alone.
void write_shape(OtlpFieldWriter& fields, const telemetry::SpanShape& shape) {
  fields.text(field::kSpanName, shape.name);
  fields.writer.varint(field::kSpanKind, static_cast<std::uint64_t>(shape.kind));
  for (const Attribute& one : shape.attributes) fields.attribute(field::kSpanAttributes, one);
  if (shape.status != telemetry::StatusCode::kUnset) write_status(fields, shape.status, shape.status_message);
}

void write_span(OtlpFieldWriter& fields, const Span& span, std::string_view shape_fields) {
  ProtobufWriter& writer = fields.writer;
  const ProtobufWriter::Mark message = writer.begin(OtlpFieldWriter::kItems, 2);
  writer.bytes(field::kSpanTraceId, span.context.trace_id.bytes);
  writer.bytes(field::kSpanSpanId, span.context.span_id.bytes);
  fields.text_unless_empty(field::kSpanTraceState, span.trace_state);
  if (span.parent_span_id.valid()) writer.bytes(field::kSpanParent, span.parent_span_id.bytes);
  writer.fixed64(field::kSpanStart, span.start_unix_ns);
  writer.fixed64(field::kSpanEnd, span.end_unix_ns);
  writer.encoded(shape_fields);
  // A field that stands twice is merged, the later counts (Protocol Buffers Encoding, "Last One Wins").
  if (!span.own_status_message.empty()) write_status(fields, span.shape->status, span.own_status_message);
  for (const Attribute& one : span.attributes) fields.attribute(field::kSpanAttributes, one);
  const std::uint32_t dropped = span.shape->dropped_attributes_count + span.dropped_attributes_count;
  if (dropped != 0) writer.varint(field::kSpanDroppedAttributes, dropped);
  for (const telemetry::Link& one : span.links) write_link(fields, one);
  if (span.dropped_links_count != 0) writer.varint(field::kSpanDroppedLinks, span.dropped_links_count);
  writer.fixed32(field::kSpanFlags, otlp_flags(span.context.flags, span.parent_is_remote));
  writer.end(message);
}

}  // namespace

std::string_view OtlpTraceEncoder::encode(Batches batches) {
  body_.clear();
  OtlpFieldWriter fields{body_};
  for (const auto& batch : batches) {
    length_size_ = fields.in_scope(*batch->resource, length_size_, [&] {
      for (const Span& one : batch->spans) write_span(fields, one, shape_fields(*one.shape));
    });
  }
  return body_.view();
}

std::string_view OtlpTraceEncoder::shape_fields(const telemetry::SpanShape& shape) {
  if (shape.id == last_shape_) return last_fields_;
  if (shapes_.size() > kMostShapes || shape_bytes_ > kMostShapeBytes) {
    shapes_.clear();
    shape_bytes_ = 0;
  }
  std::string& known = shapes_[shape.id];
  if (known.empty()) {
    ByteBuffer encoded;
    OtlpFieldWriter fields{encoded};
    write_shape(fields, shape);
    known = encoded.view();
    shape_bytes_ += known.size();
  }
  last_shape_ = shape.id;
  last_fields_ = known;
  return last_fields_;
}

}  // namespace waybill::exporters
