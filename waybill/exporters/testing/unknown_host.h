#pragma once

#include <string>

namespace waybill::exporters::testing {

// The URL of a host that cannot exist: a name in the domain system has at most 63 characters between two dots
// (RFC 1035, section 2.3.4). A resolver knows so by itself; what it has to ask a network for may take
// seconds.
inline std::string url_of_unknown_host() { return "http://" + std::string(64, 'x') + ".invalid/"; }

}  // namespace waybill::exporters::testing
