#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "waybill/configure/environment.h"
#include "waybill/configure/resolve.h"

namespace waybill::configure {

// What the settings of one program are made of.
struct SettingSources {
  Environment program;   // the program's own variables
  Environment defaults;  // those of the process that collects for it
};

// Who said a setting.
enum class Origin : std::uint8_t { kProgram, kCollectingProcess };

// The sources laid over one another: one value for each variable that counts.
struct CombinedSettings {
  Environment values;
  std::map<std::string, Origin, std::less<>> origins;  // of every variable in `values`
};

CombinedSettings combine(const SettingSources& sources);

// combine() and resolve() in one.
Resolved resolve(const SettingSources& sources);

}  // namespace waybill::configure
