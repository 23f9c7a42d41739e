#pragma once

#include <absl/container/inlined_vector.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "waybill/context/span_context.h"
#include "waybill/telemetry/span.h"

// Log records of operations that failed. They say nothing that their span does not say, so what is handed to
// the exporters of logs are spans, and a record is made where it is written. docs/telemetry.md lists what
// they hold.
namespace waybill::telemetry {

// The numbers are those of opentelemetry.proto.logs.v1.SeverityNumber.
enum class Severity : int { kWarn = 13, kError = 17 };

constexpr std::string_view text_of(Severity severity) {
  return severity == Severity::kError ? "ERROR" : "WARN";
}

// An event of OpenTelemetry's "Semantic conventions for messaging exceptions" v1.44.0. Refers to what its
// span refers to.
struct LogRecord {
  std::string_view event_name;
  Severity severity = Severity::kWarn;
  // When the failure was known: the end of the operation. It was seen where it came to be, so it is the time
  // of observation, too (OpenTelemetry specification, Logs Data Model, "ObservedTimestamp").
  std::uint64_t time_unix_ns = 0;
  context::SpanContext context;
  absl::InlinedVector<Attribute, 12> attributes;
};

// What the log says of a span. None: it did not fail, or the conventions have no event for its operation.
std::optional<LogRecord> log_record_of(const Span& span);

// The spans of a batch that have a log record, with what that needs; they keep their shapes, and nothing else
// of the batch. In batches of at most `most`; none of them is empty.
std::vector<std::shared_ptr<SpanBatch>> failed_spans(const SpanBatch& batch, std::size_t most);

}  // namespace waybill::telemetry
