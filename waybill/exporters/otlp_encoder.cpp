#include "waybill/exporters/otlp_encoder.h"

#include <algorithm>
#include <bit>

#include "waybill/exporters/protobuf_writer.h"
#include "waybill/support/version.h"
#include "waybill/telemetry/utf8.h"

namespace waybill::exporters {
namespace {

using telemetry::Attribute;
using telemetry::Attributes;
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

// Bits 8 and 9 of the flags of a span or link: whether its context is known to be, and is, from another
// process.
constexpr std::uint32_t kHasIsRemote = 0x100;
constexpr std::uint32_t kIsRemote = 0x200;

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

class TraceEncoder {
 public:
  explicit TraceEncoder(std::string& target) : writer_{target} {}

  void batch(const telemetry::SpanBatch& batch) {
    const std::size_t resource_spans = writer_.begin(field::kRequestResourceSpans);
    const std::size_t resource = writer_.begin(field::kResourceSpansResource);
    attributes(field::kResourceAttributes, batch.resource->attributes);
    writer_.end(resource);

    const std::size_t scope_spans = writer_.begin(field::kResourceSpansScopeSpans);
    const std::size_t scope = writer_.begin(field::kScopeSpansScope);
    writer_.text(field::kScopeName, telemetry::kScopeName);
    writer_.text(field::kScopeVersion, kVersion);
    writer_.end(scope);
    for (const Span& one : batch.spans) span(one);
    writer_.text(field::kScopeSpansSchemaUrl, telemetry::kSchemaUrl);
    writer_.end(scope_spans);

    writer_.text(field::kResourceSpansSchemaUrl, telemetry::kSchemaUrl);
    writer_.end(resource_spans);
  }

 private:
  void span(const Span& span) {
    const std::size_t message = writer_.begin(field::kScopeSpansSpans);
    writer_.bytes(field::kSpanTraceId, span.context.trace_id.bytes.data(),
                  span.context.trace_id.bytes.size());
    writer_.bytes(field::kSpanSpanId, span.context.span_id.bytes.data(), span.context.span_id.bytes.size());
    text_unless_empty(field::kSpanTraceState, span.trace_state);
    if (span.parent_span_id.valid()) {
      writer_.bytes(field::kSpanParent, span.parent_span_id.bytes.data(), span.parent_span_id.bytes.size());
    }
    text(field::kSpanName, span.name);
    writer_.varint(field::kSpanKind, static_cast<std::uint64_t>(span.kind));
    writer_.fixed64(field::kSpanStart, span.start_unix_ns);
    writer_.fixed64(field::kSpanEnd, span.end_unix_ns);
    attributes(field::kSpanAttributes, span.attributes);
    if (span.dropped_attributes_count != 0)
      writer_.varint(field::kSpanDroppedAttributes, span.dropped_attributes_count);
    for (const telemetry::Link& one : span.links) link(one);
    if (span.dropped_links_count != 0) writer_.varint(field::kSpanDroppedLinks, span.dropped_links_count);
    status(span);
    writer_.fixed32(field::kSpanFlags,
                    span.context.flags | kHasIsRemote | (span.parent_is_remote ? kIsRemote : 0));
    writer_.end(message);
  }

  void link(const telemetry::Link& link) {
    const std::size_t message = writer_.begin(field::kSpanLinks);
    writer_.bytes(field::kLinkTraceId, link.context.trace_id.bytes.data(),
                  link.context.trace_id.bytes.size());
    writer_.bytes(field::kLinkSpanId, link.context.span_id.bytes.data(), link.context.span_id.bytes.size());
    text_unless_empty(field::kLinkTraceState, link.trace_state);
    attributes(field::kLinkAttributes, link.attributes);
    writer_.fixed32(field::kLinkFlags, link.context.flags | kHasIsRemote | kIsRemote);
    writer_.end(message);
  }

  void status(const Span& span) {
    if (span.status == telemetry::StatusCode::kUnset) return;
    const std::size_t message = writer_.begin(field::kSpanStatus);
    text_unless_empty(field::kStatusMessage, span.status_message);
    writer_.varint(field::kStatusCode, static_cast<std::uint64_t>(span.status));
    writer_.end(message);
  }

  void attributes(int number, const Attributes& attributes) {
    for (const Attribute& attribute : attributes) {
      const std::size_t pair = writer_.begin(number);
      text(field::kKey, attribute.key);
      const std::size_t any = writer_.begin(field::kValue);
      value(attribute.value);
      writer_.end(any);
      writer_.end(pair);
    }
  }

  void value(const telemetry::AttributeValue& value) {
    if (const auto* string = std::get_if<std::string>(&value)) {
      text(field::kAnyString, *string);
    } else if (const auto* boolean = std::get_if<bool>(&value)) {
      writer_.varint(field::kAnyBool, *boolean ? 1 : 0);
    } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
      writer_.varint(field::kAnyInt, static_cast<std::uint64_t>(*integer));
    } else if (const auto* number = std::get_if<double>(&value)) {
      writer_.fixed64(field::kAnyDouble, std::bit_cast<std::uint64_t>(*number));
    } else if (const auto* strings = std::get_if<std::vector<std::string>>(&value)) {
      const std::size_t array = writer_.begin(field::kAnyArray);
      for (const std::string& one : *strings) {
        const std::size_t any = writer_.begin(field::kArrayValues);
        text(field::kAnyString, one);
        writer_.end(any);
      }
      writer_.end(array);
    }
  }

  void text(int number, std::string_view text) {
    if (telemetry::is_utf8(text)) return writer_.text(number, text);
    writer_.text(number, with_replacements(text));
  }
  void text_unless_empty(int number, std::string_view value) {
    if (!value.empty()) text(number, value);
  }

  ProtobufWriter writer_;
};

// Reads the fields of a message one after the other; stops at the first that cannot be read.
class FieldReader {
 public:
  explicit FieldReader(std::string_view bytes) : rest_{bytes} {}

  struct Field {
    std::uint64_t number = 0;
    std::uint64_t varint = 0;
    std::string_view bytes;
  };

  bool next(Field& field) {
    std::uint64_t tag = 0;
    if (rest_.empty() || !varint(tag)) return false;
    field = {tag >> 3U, 0, {}};
    switch (tag & 7U) {
      case 0:
        return varint(field.varint);
      case 1:
        return skip(8);
      case 2: {
        std::uint64_t size = 0;
        if (!varint(size) || size > rest_.size()) return false;
        field.bytes = rest_.substr(0, size);
        return skip(size);
      }
      case 5:
        return skip(4);
      default:
        return false;
    }
  }

 private:
  bool varint(std::uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<std::uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if ((byte & 0x80U) == 0) return true;
    }
    return false;
  }
  bool skip(std::uint64_t size) {
    if (size > rest_.size()) return false;
    rest_.remove_prefix(size);
    return true;
  }

  std::string_view rest_;
};

}  // namespace

std::string encode_otlp_traces(std::span<const std::shared_ptr<const telemetry::SpanBatch>> batches) {
  std::string body;
  std::size_t spans = 0;
  for (const auto& batch : batches) spans += batch->spans.size();
  body.reserve(1024 + spans * 1024);
  TraceEncoder encoder{body};
  for (const auto& batch : batches) encoder.batch(*batch);
  return body;
}

PartialSuccess decode_otlp_response(std::string_view body) {
  PartialSuccess result;
  FieldReader::Field outer;
  for (FieldReader response{body}; response.next(outer);) {
    if (outer.number != 1) continue;  // partial_success
    FieldReader::Field inner;
    for (FieldReader partial{outer.bytes}; partial.next(inner);) {
      if (inner.number == 1) result.rejected_spans = inner.varint;
      if (inner.number == 2) result.message = inner.bytes;
    }
  }
  return result;
}

}  // namespace waybill::exporters
