#pragma once

#include <cstddef>
#include <string_view>

namespace waybill::telemetry {

// True if `text` is well-formed UTF-8 (RFC 3629: no surrogates, nothing above U+10FFFF, shortest forms only).
bool is_utf8(std::string_view text);

// The longest beginning of `text` that has at most `most` bytes and splits no character.
std::string_view cut_utf8(std::string_view text, std::size_t most);

}  // namespace waybill::telemetry
