#pragma once

#include <string>
#include <vector>

#include "waybill/configure/environment.h"
#include "waybill/configure/settings.h"
#include "waybill/segment/host_settings.h"

namespace waybill::configure {

// A setting that could not be understood. The text names the value (unless it may be a secret), what would be
// right, and what is used instead. Never a reason to stop.
struct Problem {
  std::string setting;
  std::string message;
};

struct Resolved {
  Settings settings;
  std::vector<Problem> problems;
};

// Reads every variable that `environment` holds; what is unset or wrong keeps its default.
Resolved resolve(const Environment& environment);

// The part of the settings that a host needs at its hot path.
segment::HostSettings host_settings(const Settings& settings);

}  // namespace waybill::configure
