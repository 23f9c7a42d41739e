#pragma once

#include <span>
#include <string_view>

namespace waybill::configure {

// Where a setting stands in the documentation.
enum class SettingGroup {
  kGeneral,
  kFile,
  kResource,
  kPropagation,
  kSampling,
  kExport,
  kBatches,
  kMetrics,
  kLogs,
  kLag,
  kLimits,
  kHost
};

// One environment variable that Waybill honours.
struct Setting {
  std::string_view name;
  SettingGroup group;
  std::string_view default_text;  // as one would write it; empty: there is no value that says the same
  std::string_view meaning;       // Markdown, one line, without a vertical bar
  bool secret = false;            // its value is never shown
};

// Every variable that is honoured, in the order of the documentation: docs/configuration.md is made from it,
// and messages take their defaults from it. Constant, so any thread may read it.
std::span<const Setting> known_settings();

// Whether this value of a setting names a file of the machine. Such a value counts only when the program
// belongs to the collecting process's own user: otherwise any user could let root write to a file, or read
// one.
bool names_file(std::string_view name, std::string_view value);

// Those that may be changed while a program runs (waybill tune): what its host looks at for each message.
std::span<const std::string_view> tunable_settings();

// Null when no such variable is honoured.
const Setting* find_setting(std::string_view name);

}  // namespace waybill::configure
