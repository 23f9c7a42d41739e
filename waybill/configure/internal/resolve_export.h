#pragma once

#include <string_view>
#include <vector>

#include "waybill/configure/internal/otlp_names.h"
#include "waybill/configure/internal/setting_reader.h"
#include "waybill/configure/settings.h"

namespace waybill::configure::internal {

// Where spans go, and how they wait: the part of resolve() that the exporters need.
void resolve_export(SettingReader& reader, ExportSettings& settings);

// Where metrics go, and how often. After resolve_export(), which reads what both use.
void resolve_metrics(SettingReader& reader, Settings& settings);

// Where log records go, and how they wait. After resolve_export(), too.
void resolve_logs(SettingReader& reader, Settings& settings);

// The settings that say how one signal waits for its exporters. Reads them into `batch`, which holds the
// defaults.
struct BatchNames {
  std::string_view schedule_delay;
  std::string_view max_queue_size;
  std::string_view max_export_batch_size;
  std::string_view export_timeout;
};
void resolve_batch(SettingReader& reader, const BatchNames& names, BatchSettings& batch);

// Reads one signal's settings into `otlp`, which holds the defaults; returns the protocol.
OtlpProtocol resolve_otlp(SettingReader& reader, const OtlpNames& names, HttpSettings& otlp);

bool has_brokers(const KafkaSettings& kafka);

// Takes those exporters out of `kinds`, which the setting `list` names, whose place is not known, and tells
// it.
template <typename Kind>
void skip_incomplete(SettingReader& reader, std::string_view list, const ExportSettings& settings,
                     std::vector<Kind>& kinds) {
  if (settings.otlp_file.empty() && std::erase(kinds, Kind::kOtlpFile) > 0) {
    reader.complain(
        list,
        "otlp_file needs WAYBILL_OTLP_FILE, and a program of the collecting process's own user; it "
        "is skipped");
  }
  if (!has_brokers(settings.kafka) && std::erase(kinds, Kind::kKafka) > 0) {
    reader.complain(list,
                    "kafka needs bootstrap.servers in WAYBILL_KAFKA_CONFIG, and a program of the collecting "
                    "process's own user or that process's own setting; it is skipped");
  }
}

}  // namespace waybill::configure::internal
