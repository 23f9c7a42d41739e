#pragma once

#include "waybill/configure/settings.h"
#include "waybill/segment/host_settings.h"
#include "waybill/segment/rule_table.h"

namespace waybill::configure {

// The part of the settings that a host needs at its hot path.
segment::HostSettings host_settings(const Settings& settings);

// What they say of single topics.
segment::RuleTable rule_table(const Settings& settings);

}  // namespace waybill::configure
