#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "waybill/evidence/span.h"

namespace waybill::otlp {

// What of a span stands in no column: {"attributes": {…}, "resource": {…}, "events": [{name, time_ms,
// attributes}], "status_message": text}, and "links": for each link its attributes. An attribute's value is
// what it is in JSON; bytes are base64.
nlohmann::ordered_json span_details(const evidence::Span& span);

// The spans as a TracesData message in OTLP's JSON, each with everything it came with but its scope.
std::string traces_data(std::span<const evidence::Span> spans);

// 32 or 16 lower-case digits.
std::string digits_of(const context::TraceId& id);
std::string digits_of(const context::SpanId& id);

}  // namespace waybill::otlp
