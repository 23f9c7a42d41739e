#pragma once

#include "waybill/configure/internal/setting_reader.h"
#include "waybill/configure/settings.h"

namespace waybill::configure::internal {

// Where spans go, and how they wait: the part of resolve() that the exporters need.
void resolve_export(SettingReader& reader, Settings& settings);

}  // namespace waybill::configure::internal
