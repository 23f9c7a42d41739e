#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "waybill/configure/environment.h"
#include "waybill/configure/position.h"
#include "waybill/configure/resolve.h"

namespace waybill::configure {

// What a file in OpenTelemetry's declarative configuration says (OTEL_CONFIG_FILE), as the variables that say
// the same. So a setting has one meaning and one set of checks, whoever says it.
struct ConfigurationFile {
  // Where a variable's value stands in the file.
  struct Said {
    std::string path;  // "tracer_provider.sampler"
    Position position;
  };

  // An exporter that the variables of the others have no room for, and its processor: variables of its own.
  struct Exporter {
    Environment settings;
    std::map<std::string, Said, std::less<>> said;
  };

  bool usable = false;   // false: `problems` says why, and the file is as if it were not there
  Environment settings;  // has what the file leaves out, too, where the specification gives that a meaning
  std::map<std::string, Said, std::less<>> said;
  std::vector<Exporter> more_exporters;
  std::vector<Problem> problems;  // without the file's name
};

// Reads the text of a file. `variables` are what its references ${NAME} mean.
ConfigurationFile parse_configuration_file(std::string_view text, const Environment& variables);

// The same for the regular file at `path`; one that is larger than any settings need is not read.
ConfigurationFile load_configuration_file(const std::string& path, const Environment& variables);

}  // namespace waybill::configure
