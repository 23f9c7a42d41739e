#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "waybill/context/span_context.h"

namespace waybill::telemetry {

// The numbers are those of opentelemetry.proto.trace.v1.Span.SpanKind.
enum class SpanKind : int { kInternal = 1, kServer = 2, kClient = 3, kProducer = 4, kConsumer = 5 };

// The numbers are those of opentelemetry.proto.trace.v1.Status.StatusCode.
enum class StatusCode : int { kUnset = 0, kOk = 1, kError = 2 };

using AttributeValue = std::variant<std::string, bool, std::int64_t, double, std::vector<std::string>>;

struct Attribute {
  std::string key;
  AttributeValue value;
  friend bool operator==(const Attribute&, const Attribute&) = default;
};
using Attributes = std::vector<Attribute>;

// Another span that this one is related to, without being its child.
struct Link {
  context::SpanContext context;
  std::string trace_state;
  Attributes attributes;
};

// A finished span as an exporter gets it: every rule of the semantic conventions has been applied. A value.
struct Span {
  context::SpanContext context;
  context::SpanId parent_span_id;  // not valid: a root span
  bool parent_is_remote = false;   // the parent came with a message
  std::string trace_state;
  std::string name;
  SpanKind kind = SpanKind::kInternal;
  std::uint64_t start_unix_ns = 0;
  std::uint64_t end_unix_ns = 0;
  Attributes attributes;
  std::uint32_t dropped_attributes_count = 0;
  std::vector<Link> links;
  std::uint32_t dropped_links_count = 0;
  StatusCode status = StatusCode::kUnset;
  std::string status_message;
};

// The entity that the spans come from (OpenTelemetry specification, Resource).
struct Resource {
  Attributes attributes;
};

// Spans of one resource, handed to exporters. Shared because several exporters read the same batch, each on
// its own thread; never changed after it was made.
struct SpanBatch {
  std::shared_ptr<const Resource> resource;
  std::vector<Span> spans;
};

inline constexpr const char* kScopeName = "waybill.kafka";
inline constexpr const char* kSchemaUrl = "https://opentelemetry.io/schemas/1.44.0";

}  // namespace waybill::telemetry
