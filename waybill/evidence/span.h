#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "waybill/context/span_context.h"
#include "waybill/evidence/place.h"

namespace waybill::evidence {

// What a span says was done, whatever version of the semantic conventions its maker follows.
enum class Operation : std::uint8_t {
  kOther = 0,  // not messaging, or not Kafka
  kCreate = 1,
  kSend = 2,
  kReceive = 3,
  kProcess = 4,
  kSettle = 5,
  kTransaction = 6,
};

// As in OTLP.
enum class SpanKind : std::uint8_t {
  kUnspecified = 0,
  kInternal = 1,
  kServer = 2,
  kClient = 3,
  kProducer = 4,
  kConsumer = 5,
};

// What librdkafka said of a message that it gives back; empty of most other clients.
enum class Persistence : std::uint8_t {
  kUnknown = 0,
  kNotPersisted = 1,
  kPossiblyPersisted = 2,
  kPersisted = 3
};

struct Link {
  context::TraceId trace_id;
  context::SpanId span_id;
  Place place;  // of the linked message, if the link says so; no topic: that of the span
};

// One span as the store keeps it and analysis reads it: what Kafka's questions need in columns, all else as
// it came. A value. Times are nanoseconds since 1970.
struct Span {
  context::TraceId trace_id;
  context::SpanId span_id;
  context::SpanId parent_id;  // not valid: none
  std::int64_t start_ns = 0;
  std::int64_t end_ns = 0;
  SpanKind kind = SpanKind::kUnspecified;
  Operation operation = Operation::kOther;
  bool failed = false;  // status ERROR

  std::string name;
  std::string service;     // service.name
  std::string instance;    // service.instance.id
  std::string error_type;  // empty: none

  Place place;  // where its message is, or those of its batch, as far as they share it
  std::string group;
  std::string client_id;
  std::optional<std::string> key;
  std::uint32_t messages = 1;  // messaging.batch.message_count

  // Waybill's own attributes; none where another client made the span.
  std::optional<std::int32_t> acks;
  Persistence persistence = Persistence::kUnknown;
  std::optional<double> queue_ms;   // of a send: in the client, until its request left
  std::optional<double> broker_ms;  // of a send: from there to the answer
  std::optional<double> age_ms;     // of a record, when it was handed over
  std::string outcome;              // of a transaction: committed, aborted, unknown
  bool unfinished = false;          // its end was not seen: mostly, its process ended first

  // How many spans this one stands for, from the sampling threshold in its tracestate (OpenTelemetry,
  // "TraceState: Probability Sampling"). None: unknown.
  std::optional<double> adjusted_count;

  std::vector<Link> links;

  std::string body;      // the Span message of OTLP, in protobuf
  std::string resource;  // the Resource message it came with
};

inline double duration_ms(const Span& span) { return static_cast<double>(span.end_ns - span.start_ns) / 1e6; }

inline context::SpanContext context_of(const Span& span) { return {span.trace_id, span.span_id}; }

}  // namespace waybill::evidence
