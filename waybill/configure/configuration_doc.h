#pragma once

#include <string>

namespace waybill::configure {

// docs/configuration.md, made from the setting table. The unit test compares the file with it, and writes the
// file anew when WAYBILL_APPROVE=1 is set.
std::string configuration_markdown();

}  // namespace waybill::configure
