#pragma once

#include <string_view>

#include "waybill/configure/internal/setting_reader.h"
#include "waybill/configure/settings.h"

namespace waybill::configure::internal {

// Where spans go, and how they wait: the part of resolve() that the exporters need.
void resolve_export(SettingReader& reader, ExportSettings& settings);

// Where metrics go, and how often. After resolve_export(), which reads what both use.
void resolve_metrics(SettingReader& reader, Settings& settings);

// The settings of one signal that win over the general OTEL_EXPORTER_OTLP_* ones, and the path that is added
// to the general endpoint.
struct OtlpNames {
  std::string_view path;
  std::string_view endpoint;
  std::string_view protocol;
  std::string_view headers;
  std::string_view timeout;
  std::string_view compression;
  std::string_view certificate;
  std::string_view client_certificate;
  std::string_view client_key;
};

// Reads them into `otlp`, which holds the defaults; returns the protocol.
OtlpProtocol resolve_otlp(SettingReader& reader, const OtlpNames& names, HttpSettings& otlp);

// Whether `file` names a file, which the exporter otlp_file of `list` needs; if not, that is told.
bool has_otlp_file(SettingReader& reader, std::string_view list, std::string_view file);

}  // namespace waybill::configure::internal
