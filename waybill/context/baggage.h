#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace waybill::context {

// A longer baggage header is taken for absent (W3C Baggage, section 3.3.2: more need not be carried).
inline constexpr std::size_t kMaxBaggageLength = 8192;

// True if `text` is a list of 1 to 180 members key=value, each perhaps with properties, as section 3.3.1
// describes (64 must be carried, libraries write up to 180). It is handed on as it came.
bool valid_baggage(std::string_view text);

// The value of the last member of this key, as it stands in `text`, which is valid: without blanks, without
// its properties. None: there is no such member.
std::optional<std::string_view> baggage_value(std::string_view text, std::string_view key);

}  // namespace waybill::context
