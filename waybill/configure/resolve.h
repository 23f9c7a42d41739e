#pragma once

#include <string>
#include <vector>

#include "waybill/configure/environment.h"
#include "waybill/configure/position.h"
#include "waybill/configure/settings.h"

namespace waybill::configure {

// A setting that could not be understood. The text names the value (unless it may be a secret), what would be
// right, and what is used instead. Never a reason to stop.
struct Problem {
  std::string setting;
  std::string message;
  std::string file = {};   // the configuration file that says it; empty: a variable does
  Position position = {};  // in that file
};

// "OTEL_TRACES_SAMPLER: …", and for a file "otel.yaml:12:5: sampler: …".
std::string describe(const Problem& problem);

struct Resolved {
  Settings settings;
  std::vector<Problem> problems;
};

// Reads every variable that `environment` holds; what is unset or wrong keeps its default.
Resolved resolve(const Environment& environment);

// The same for the part of it that says where spans go.
struct ResolvedExport {
  ExportSettings settings;
  std::vector<Problem> problems;
};
ResolvedExport resolve_export(const Environment& environment);

}  // namespace waybill::configure
