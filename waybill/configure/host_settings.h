#pragma once

#include "waybill/configure/settings.h"
#include "waybill/segment/host_settings.h"
#include "waybill/segment/rule_table.h"

namespace waybill::configure {

// The part of the settings that a host needs at its hot path. `adaptive_ratio`: what the sampler `adaptive`
// keeps for now.
segment::HostSettings host_settings(const Settings& settings, double adaptive_ratio = 1);

// What they say of single topics.
segment::RuleTable rule_table(const Settings& settings);

}  // namespace waybill::configure
