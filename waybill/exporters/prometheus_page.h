#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "waybill/exporters/metric_exporter.h"
#include "waybill/exporters/prometheus_text.h"

namespace waybill::exporters {

// The hosts that Prometheus sees, each with its newest numbers. Bounded. Owned by one thread.
class PrometheusPage {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // So long the last numbers of a host stay that has ended, or that nothing is heard of any more: Prometheus
  // is to see them once at least.
  static constexpr std::chrono::minutes kStay{5};
  // The one that was heard of longest ago makes room for one more.
  static constexpr std::size_t kMostHosts = 2'000;

  void show(const MetricSnapshots& snapshots, Time now);
  std::vector<PrometheusTarget> targets(Time now);

 private:
  struct Host {
    PrometheusTarget target;
    Time heard_of;
  };
  using Hosts = std::map<std::string, Host>;

  void add(const std::shared_ptr<const telemetry::MetricSnapshot>& snapshot, Time now);
  void make_room();

  Hosts hosts_;  // by their source
};

}  // namespace waybill::exporters
