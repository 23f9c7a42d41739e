#pragma once

#include <absl/container/inlined_vector.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "waybill/context/span_context.h"
#include "waybill/support/arena.h"
#include "waybill/telemetry/record_store.h"

// Spans as exporters get them. They are plain values: what they refer to stands in an arena beside them, so
// that thousands of them are thrown away in one go.
namespace waybill::telemetry {

// The numbers are those of opentelemetry.proto.trace.v1.Span.SpanKind.
enum class SpanKind : int { kInternal = 1, kServer = 2, kClient = 3, kProducer = 4, kConsumer = 5 };

// The numbers are those of opentelemetry.proto.trace.v1.Status.StatusCode.
enum class StatusCode : int { kUnset = 0, kOk = 1, kError = 2 };

using AttributeValue =
    std::variant<std::string_view, bool, std::int64_t, double, std::span<const std::string_view>>;

// An attribute of a span, a link or a resource.
struct Attribute {
  std::string_view key;
  AttributeValue value;
};

// Another span that this one is related to, without being its child.
struct Link {
  context::SpanContext context;
  std::string_view trace_state;
  std::span<const Attribute> attributes;
  std::uint32_t dropped_attributes_count = 0;
};

// What many spans of a host share: all that does not change from message to message. Made once, so that it
// need be encoded only once. Lives in a SpanShapes and never changes.
struct SpanShape {
  std::uint64_t id = 0;  // of this shape alone, in this process
  std::string_view name;
  SpanKind kind = SpanKind::kInternal;
  std::span<const Attribute> attributes;
  std::uint32_t dropped_attributes_count = 0;
  StatusCode status = StatusCode::kUnset;
  std::string_view status_message;
};

// A finished span: every rule of the semantic conventions has been applied.
struct Span {
  const SpanShape* shape = nullptr;
  context::SpanContext context;
  context::SpanId parent_span_id;  // not valid: a root span
  bool parent_is_remote = false;   // the parent came with a message
  std::string_view trace_state;
  std::uint64_t start_unix_ns = 0;
  std::uint64_t end_unix_ns = 0;
  std::span<const Attribute> attributes;  // after those of the shape
  std::span<const Link> links;
  std::string_view own_status_message;         // in place of the shape's, if it is not empty
  std::uint32_t dropped_attributes_count = 0;  // besides those of the shape
  std::uint32_t dropped_links_count = 0;

  std::string_view status_message() const {
    return own_status_message.empty() ? shape->status_message : own_status_message;
  }

  // Calls `visit(const Attribute&)` for each attribute, those of the shape first.
  template <typename Visitor>
  void for_each_attribute(Visitor&& visit) const {
    for (const Attribute& attribute : shape->attributes) visit(attribute);
    for (const Attribute& attribute : attributes) visit(attribute);
  }
};

// The entity that the spans come from (OpenTelemetry specification, Resource).
struct Resource {
  std::vector<Attribute> attributes;
  Arena memory;  // of the attributes
};

class SpanShapes;

// Spans of one resource, handed to exporters. Shared because several exporters read the same batch, each on
// its own thread; never changed after it was made.
struct SpanBatch {
  std::shared_ptr<const Resource> resource;
  absl::InlinedVector<std::shared_ptr<const SpanShapes>, 1> shapes;  // keep the spans' shapes
  std::vector<Span> spans;
  Arena memory;  // of the spans
  // The records that the spans were made of, a start before its end. They are settled in this order when the
  // last exporter is done with the batch.
  std::vector<Place> origins;
  // What cannot be exported before this process ends is not lost: the next one makes these spans again.
  bool kept_for_next = false;
};

inline constexpr const char* kScopeName = "waybill.kafka";
inline constexpr const char* kSchemaUrl = "https://opentelemetry.io/schemas/1.44.0";

}  // namespace waybill::telemetry
