#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "waybill/configure/environment.h"
#include "waybill/configure/position.h"
#include "waybill/configure/resolve.h"

namespace waybill::configure {

// What the settings of one program are made of.
struct SettingSources {
  Environment program;   // the program's own variables
  Environment defaults;  // those of the process that collects for it

  // Whether the program is of the user who collects. Else a file that the program names is not read, because
  // the collecting process has rights that the program may not have, what is secret of the collecting
  // process goes to no receiver that the program names, and no port is opened because the program wants it.
  bool same_user = true;

  // What was changed while the program runs: stronger than all others. An empty value: as if nobody had set
  // it.
  Environment tuned = {};
};

// Who said a setting, and where.
struct Origin {
  enum class Kind : std::uint8_t { kProgram, kCollectingProcess, kFile, kTuned };
  Kind kind;
  std::string path = {};   // of kFile: "tracer_provider.sampler"; empty: the file says nothing, and means it
  Position position = {};  // of kFile
  friend bool operator==(const Origin&, const Origin&) = default;
};

using Origins = std::map<std::string, Origin, std::less<>>;

// An exporter that the file names besides those that its variables say.
struct CombinedExporter {
  Environment values;
  Origins origins;
};

// The sources laid over one another: one value for each variable that counts.
struct CombinedSettings {
  Environment values;
  Origins origins;  // of every variable in `values`
  std::vector<CombinedExporter> more_exporters;
  std::string file;                   // the configuration file that counts; empty: none
  std::vector<std::string> replaced;  // OTEL_* variables that do not count because of the file
  std::vector<Problem> problems;      // of the file
};

// From the weakest to the strongest: OTEL_* variables of the collecting process and of the program, or the
// file that OTEL_CONFIG_FILE names in their place; WAYBILL_* variables of the one and of the other. Where
// only the collecting process names a file, that takes the place of its own variables, and the program's
// stay. Over all of them lies what was tuned.
CombinedSettings combine(const SettingSources& sources);

// resolve() of what combine() makes, with the problems of both.
Resolved resolve(const SettingSources& sources);
Resolved resolve(const CombinedSettings& combined);

// What is wrong with the file at `path`, for a program that has `variables`: its form, and its values.
std::vector<Problem> check_configuration_file(const std::string& path, const Environment& variables);

}  // namespace waybill::configure
