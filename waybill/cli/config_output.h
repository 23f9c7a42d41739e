#pragma once

#include <string>
#include <string_view>

#include "waybill/configure/setting_report.h"

namespace waybill::cli {

// A report and what its reader wants of it.
struct ConfigOutput {
  const configure::SettingReport& report;
  std::string variables_of;  // whose variables were read: "environment", "environment of process 42"
  bool only_set = false;     // leaves out what has its default
};

// `text` without control characters: a terminal obeys them.
std::string printable(std::string_view text);

// For people: a line for each setting, its meaning under it, problems at the end.
std::string config_as_text(const ConfigOutput& output);

// For programs: keys stay as they are, new ones may come.
std::string config_as_json(const ConfigOutput& output);

}  // namespace waybill::cli
