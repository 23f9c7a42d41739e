#pragma once

#include <string>
#include <string_view>

namespace waybill::exporters {

// `text` in the gzip format (RFC 1952), at zlib's fastest level: telemetry repeats itself, more effort saves
// little.
std::string gzip(std::string_view text);

}  // namespace waybill::exporters
