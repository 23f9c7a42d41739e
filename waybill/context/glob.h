#pragma once

#include <string_view>

namespace waybill::context {

// Whether the whole of `text` is what `pattern` describes: `*` stands for any characters or none, `?` for one
// character, everything else for itself, in upper and lower case as it is written. Takes no more steps than
// the product of both lengths, whatever the pattern is.
bool matches_glob(std::string_view pattern, std::string_view text);

}  // namespace waybill::context
