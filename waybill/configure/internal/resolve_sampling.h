#pragma once

#include "waybill/configure/internal/setting_reader.h"
#include "waybill/configure/settings.h"

namespace waybill::configure::internal {

// The part of resolve() that says which operations are sampled, and which topics are observed at all.
void resolve_sampling(SettingReader& reader, Settings& settings);

}  // namespace waybill::configure::internal
