#pragma once

#include <string>
#include <string_view>

#include "waybill/analysis/span_ref.h"
#include "waybill/evidence/span.h"

namespace waybill::analysis {

// The span id in hexadecimal digits.
std::string text_of(const context::SpanId& id);

// "process orders of billing-service".
std::string text_of(const evidence::Span& span);

}  // namespace waybill::analysis
