#pragma once

#include <cstddef>
#include <string_view>

namespace waybill::context {

// A longer tracestate is taken for absent: a vendor need not carry more (W3C Trace Context, section 3.3.1.5).
inline constexpr std::size_t kMaxTracestateLength = 512;

// True if `text` is a list of at most 32 members key=value as section 3.3.1 describes; empty members are
// allowed. It is handed on as it came.
bool valid_tracestate(std::string_view text);

}  // namespace waybill::context
