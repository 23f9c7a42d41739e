#pragma once

#include <cstdint>
#include <string>

#include "waybill/context/span_context.h"

namespace waybill::evidence {

// One log record of OTLP.
struct LogRecord {
  std::int64_t time_ns = 0;
  std::int32_t severity = 0;  // SeverityNumber
  std::string event_name = {};
  std::string service = {};
  context::TraceId trace_id = {};  // not valid: none
  context::SpanId span_id = {};
  std::string error_type = {};  // exception.type
  std::string text = {};        // exception.message, else the body where it is a text
  std::string body = {};        // the LogRecord message of OTLP, in protobuf
  std::string resource = {};
};

}  // namespace waybill::evidence
