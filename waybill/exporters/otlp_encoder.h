#pragma once

#include <memory>
#include <span>
#include <string>

#include "waybill/telemetry/span.h"

namespace waybill::exporters {

// The batches as one opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest, one ResourceSpans
// each. Text that is not UTF-8 gets U+FFFD for each wrong byte: receivers refuse a whole request for one such
// byte.
std::string encode_otlp_traces(std::span<const std::shared_ptr<const telemetry::SpanBatch>> batches);

// What an ExportTraceServiceResponse says was not taken.
struct PartialSuccess {
  std::uint64_t rejected_spans = 0;
  std::string message;
};

// Reads a response; an empty or unreadable one means that all was taken.
PartialSuccess decode_otlp_response(std::string_view body);

}  // namespace waybill::exporters
