#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "waybill/configure/settings.h"
#include "waybill/exporters/make_metric_exporters.h"
#include "waybill/exporters/metric_exporter.h"
#include "waybill/support/log.h"

namespace waybill::collect {

// The exporters of metrics of one set of settings; every snapshot goes to all of them.
using MetricExporterSet = std::vector<std::unique_ptr<exporters::MetricExporter>>;

// Hosts whose metrics go to the same places share the exporters. Bounded for each user, as ExporterPool.
// Owned by one thread.
class MetricPool {
 public:
  using MakeExporters = std::function<MetricExporterSet(const configure::Settings&, Log&)>;

  // `log` outlives the pool. Tests give exporters of their own.
  explicit MetricPool(Log& log, MakeExporters make = exporters::make_metric_exporters)
      : log_{log}, make_{std::move(make)} {}

  // The exporters of these settings, for a host of the user `owner`. Null, and said: this user's hosts have
  // too many destinations already.
  std::shared_ptr<MetricExporterSet> for_settings(const configure::Settings& settings, uid_t owner);

  // The exporters of these settings if there are any by now, else null.
  const MetricExporterSet* known(const configure::Settings& settings) const;

  // Ends the exporters whose last host is gone and that have told everything; a few stay for the next one.
  void release_unused();

  bool flush(std::chrono::steady_clock::time_point deadline);
  void shutdown(std::chrono::steady_clock::time_point deadline);

  // The sum over all exporters.
  exporters::MetricExporterStatistics statistics() const;

 private:
  // What of the settings says where metrics go.
  struct MetricDestination {
    configure::MetricSettings metrics;
    std::string otlp_file;
    configure::KafkaSettings kafka;
    configure::ConsoleSettings console;

    static MetricDestination of(const configure::Settings& settings) {
      return {settings.metrics, settings.otlp_file, settings.kafka, settings.console};
    }
    friend bool operator==(const MetricDestination&, const MetricDestination&) = default;
  };
  struct Entry {
    MetricDestination destination;
    uid_t owner;
    std::shared_ptr<MetricExporterSet>
        exporters;  // shared with hosts: the count says whether there is one yet
  };

  void hurry();

  Log& log_;
  MakeExporters make_;
  std::vector<Entry> entries_;
  exporters::MetricExporterStatistics ended_;  // the sum over those that have ended
};

}  // namespace waybill::collect
