#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace waybill::context {

// Writes what `text` says into `target`, as much as it holds, without a zero byte, and returns how many bytes
// it is in all: each %hh is one byte, and what then is not UTF-8 is U+FFFD (W3C Baggage, section 3.3.1.3). A
// % that begins no such byte stays.
std::size_t decode_percent(std::string_view text, std::span<char> target);

}  // namespace waybill::context
