#include "waybill/exporters/otlp_encoder.h"

#include <algorithm>
#include <bit>

#include "waybill/exporters/otlp_flags.h"
#include "waybill/exporters/protobuf_writer.h"
#include "waybill/support/version.h"
#include "waybill/telemetry/utf8.h"

namespace waybill::exporters {
namespace {

using telemetry::Attribute;
using telemetry::Span;

// Field numbers of opentelemetry-proto 1.5.0, by message.
namespace field {
constexpr int kRequestResourceSpans = 1;
constexpr int kResourceSpansResource = 1, kResourceSpansScopeSpans = 2, kResourceSpansSchemaUrl = 3;
constexpr int kResourceAttributes = 1;
constexpr int kScopeSpansScope = 1, kScopeSpansSpans = 2, kScopeSpansSchemaUrl = 3;
constexpr int kScopeName = 1, kScopeVersion = 2;
constexpr int kSpanTraceId = 1, kSpanSpanId = 2, kSpanTraceState = 3, kSpanParent = 4, kSpanName = 5,
              kSpanKind = 6;
constexpr int kSpanStart = 7, kSpanEnd = 8, kSpanAttributes = 9, kSpanDroppedAttributes = 10, kSpanLinks = 13;
constexpr int kSpanDroppedLinks = 14, kSpanStatus = 15, kSpanFlags = 16;
constexpr int kLinkTraceId = 1, kLinkSpanId = 2, kLinkTraceState = 3, kLinkAttributes = 4, kLinkFlags = 6;
constexpr int kStatusMessage = 2, kStatusCode = 3;
constexpr int kKey = 1, kValue = 2;
constexpr int kAnyString = 1, kAnyBool = 2, kAnyInt = 3, kAnyDouble = 4, kAnyArray = 5;
constexpr int kArrayValues = 1;
}  // namespace field

constexpr std::size_t kMostShapes = 16'384;
constexpr std::size_t kMostShapeBytes = std::size_t{32} << 20U;

std::string with_replacements(std::string_view text) {
  std::string sound;
  while (!text.empty()) {
    std::size_t length = 1;
    while (length <= std::min<std::size_t>(4, text.size()) && !telemetry::is_utf8(text.substr(0, length)))
      ++length;
    if (length > std::min<std::size_t>(4, text.size())) {
      sound += "\xef\xbf\xbd";
      length = 1;
    } else {
      sound += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return sound;
}

// A text that a receiver takes: mostly as it came.
class SoundText {
 public:
  explicit SoundText(std::string_view text) : text_{text} {
    if (telemetry::is_utf8(text)) return;
    replaced_ = with_replacements(text);
    text_ = replaced_;
  }
  SoundText(const SoundText&) = delete;
  SoundText& operator=(const SoundText&) = delete;

  std::string_view view() const { return text_; }

 private:
  std::string_view text_;
  std::string replaced_;
};

// Writes parts of the request that several messages have.
class FieldWriter {
 public:
  explicit FieldWriter(ByteBuffer& target) : writer{target} {}

  void attribute(int number, const Attribute& attribute) {
    const SoundText sound_key{attribute.key};
    const std::string_view key = sound_key.view();
    if (const auto* text = std::get_if<std::string_view>(&attribute.value)) {
      const SoundText sound{*text};
      begin_value(number, key, ProtobufWriter::size_of_field(sound.view().size()));
      writer.text(field::kAnyString, sound.view());
    } else if (const auto* boolean = std::get_if<bool>(&attribute.value)) {
      begin_value(number, key, 2);
      writer.varint(field::kAnyBool, *boolean ? 1 : 0);
    } else if (const auto* integer = std::get_if<std::int64_t>(&attribute.value)) {
      const auto bits = static_cast<std::uint64_t>(*integer);
      begin_value(number, key, 1 + ProtobufWriter::size_of_varint(bits));
      writer.varint(field::kAnyInt, bits);
    } else if (const auto* real = std::get_if<double>(&attribute.value)) {
      begin_value(number, key, 1 + sizeof *real);
      writer.fixed64(field::kAnyDouble, std::bit_cast<std::uint64_t>(*real));
    } else {
      array(number, key, std::get<std::span<const std::string_view>>(attribute.value));
    }
  }

  void link(const telemetry::Link& link) {
    const ProtobufWriter::Mark message = writer.begin(field::kSpanLinks);
    writer.bytes(field::kLinkTraceId, link.context.trace_id.bytes);
    writer.bytes(field::kLinkSpanId, link.context.span_id.bytes);
    text_unless_empty(field::kLinkTraceState, link.trace_state);
    for (const Attribute& one : link.attributes) attribute(field::kLinkAttributes, one);
    writer.fixed32(field::kLinkFlags, otlp_flags(link.context.flags, true));
    writer.end(message);
  }

  void text(int number, std::string_view text) { writer.text(number, SoundText{text}.view()); }
  void text_unless_empty(int number, std::string_view value) {
    if (!value.empty()) text(number, value);
  }

  ProtobufWriter writer;

 private:
  // The attribute up to its AnyValue's one field, which takes so many bytes.
  void begin_value(int number, std::string_view key, std::size_t size) {
    writer.length(number, ProtobufWriter::size_of_field(key.size()) + ProtobufWriter::size_of_field(size));
    writer.text(field::kKey, key);
    writer.length(field::kValue, size);
  }

  void array(int number, std::string_view key, std::span<const std::string_view> texts) {
    const ProtobufWriter::Mark pair = writer.begin(number);
    writer.text(field::kKey, key);
    const ProtobufWriter::Mark value = writer.begin(field::kValue);
    const ProtobufWriter::Mark array = writer.begin(field::kAnyArray);
    for (const std::string_view one : texts) {
      const SoundText sound{one};
      writer.length(field::kArrayValues, ProtobufWriter::size_of_field(sound.view().size()));
      writer.text(field::kAnyString, sound.view());
    }
    writer.end(array);
    writer.end(value);
    writer.end(pair);
  }
};

void write_resource(FieldWriter& fields, const telemetry::Resource& resource) {
  const ProtobufWriter::Mark message = fields.writer.begin(field::kResourceSpansResource);
  for (const Attribute& one : resource.attributes) fields.attribute(field::kResourceAttributes, one);
  fields.writer.end(message);
}

void write_scope(FieldWriter& fields) {
  const ProtobufWriter::Mark message = fields.writer.begin(field::kScopeSpansScope);
  fields.writer.text(field::kScopeName, telemetry::kScopeName);
  fields.writer.text(field::kScopeVersion, kVersion);
  fields.writer.end(message);
}

// The fields of a span that follow from its shape alone.
void write_shape(FieldWriter& fields, const telemetry::SpanShape& shape) {
  fields.text(field::kSpanName, shape.name);
  fields.writer.varint(field::kSpanKind, static_cast<std::uint64_t>(shape.kind));
  for (const Attribute& one : shape.attributes) fields.attribute(field::kSpanAttributes, one);
  if (shape.status == telemetry::StatusCode::kUnset) return;
  const ProtobufWriter::Mark status = fields.writer.begin(field::kSpanStatus);
  fields.text_unless_empty(field::kStatusMessage, shape.status_message);
  fields.writer.varint(field::kStatusCode, static_cast<std::uint64_t>(shape.status));
  fields.writer.end(status);
}

void write_span(FieldWriter& fields, const Span& span, std::string_view shape_fields) {
  ProtobufWriter& writer = fields.writer;
  const ProtobufWriter::Mark message = writer.begin(field::kScopeSpansSpans, 2);
  writer.bytes(field::kSpanTraceId, span.context.trace_id.bytes);
  writer.bytes(field::kSpanSpanId, span.context.span_id.bytes);
  fields.text_unless_empty(field::kSpanTraceState, span.trace_state);
  if (span.parent_span_id.valid()) writer.bytes(field::kSpanParent, span.parent_span_id.bytes);
  writer.fixed64(field::kSpanStart, span.start_unix_ns);
  writer.fixed64(field::kSpanEnd, span.end_unix_ns);
  writer.encoded(shape_fields);
  for (const Attribute& one : span.attributes) fields.attribute(field::kSpanAttributes, one);
  const std::uint32_t dropped = span.shape->dropped_attributes_count + span.dropped_attributes_count;
  if (dropped != 0) writer.varint(field::kSpanDroppedAttributes, dropped);
  for (const telemetry::Link& one : span.links) fields.link(one);
  if (span.dropped_links_count != 0) writer.varint(field::kSpanDroppedLinks, span.dropped_links_count);
  writer.fixed32(field::kSpanFlags, otlp_flags(span.context.flags, span.parent_is_remote));
  writer.end(message);
}

}  // namespace

std::string_view OtlpTraceEncoder::encode(Batches batches) {
  body_.clear();
  FieldWriter fields{body_};
  ProtobufWriter& writer = fields.writer;
  for (const auto& batch : batches) {
    const ProtobufWriter::Mark resource_spans = writer.begin(field::kRequestResourceSpans, length_size_);
    write_resource(fields, *batch->resource);
    const ProtobufWriter::Mark scope_spans = writer.begin(field::kResourceSpansScopeSpans, length_size_);
    write_scope(fields);
    for (const Span& one : batch->spans) write_span(fields, one, shape_fields(*one.shape));
    writer.text(field::kScopeSpansSchemaUrl, telemetry::kSchemaUrl);
    writer.end(scope_spans);
    writer.text(field::kResourceSpansSchemaUrl, telemetry::kSchemaUrl);
    length_size_ = writer.end(resource_spans);
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
    FieldWriter fields{encoded};
    write_shape(fields, shape);
    known = encoded.view();
    shape_bytes_ += known.size();
  }
  last_shape_ = shape.id;
  last_fields_ = known;
  return last_fields_;
}

}  // namespace waybill::exporters
