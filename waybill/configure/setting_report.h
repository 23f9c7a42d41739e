#pragma once

#include <optional>
#include <string>
#include <vector>

#include "waybill/configure/setting_sources.h"
#include "waybill/configure/setting_table.h"

namespace waybill::configure {

// One setting as a person may see it.
struct ReportedSetting {
  const Setting* setting = nullptr;   // never null
  std::optional<std::string> value;   // as it is written; none: hidden, or neither set nor with a default
  bool hidden = false;                // it is set, and its value is a secret
  std::optional<Origin> origin = {};  // none: the default
};

// What `waybill config` shows: every setting in the table's order, and what is wrong. Secrets are left out
// here, so that whoever prints it cannot print them.
struct SettingReport {
  std::vector<ReportedSetting> settings;
  // Each exporter of the file besides those: what is set for it.
  std::vector<std::vector<ReportedSetting>> more_exporters;
  std::vector<Problem> problems;
  std::string file;                   // the configuration file that counts; empty: none
  std::vector<std::string> replaced;  // OTEL_* variables that are set and do not count because of the file
  std::vector<std::string> unknown;   // … that are set and mean nothing to Waybill
};

SettingReport report_settings(const SettingSources& sources);

// A value without the passwords and tokens that stand in URLs.
std::string without_secrets(std::string_view value);

}  // namespace waybill::configure
