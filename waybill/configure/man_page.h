#pragma once

#include <string>

namespace waybill::configure {

// share/man/waybill-settings.7, made from the setting table. The unit test compares the file with it, and
// writes the file anew when WAYBILL_APPROVE=1 is set.
std::string settings_man_page();

}  // namespace waybill::configure
