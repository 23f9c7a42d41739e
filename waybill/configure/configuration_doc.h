#pragma once

#include <string>
#include <string_view>

#include "waybill/configure/setting_table.h"

namespace waybill::configure {

// What stands above the settings of a group.
std::string_view title_of(SettingGroup group);

// docs/configuration.md, made from the setting table. The unit test compares the file with it, and writes the
// file anew when WAYBILL_APPROVE=1 is set.
std::string configuration_markdown();

}  // namespace waybill::configure
