#include "waybill/exporters/prometheus_page.h"

#include <algorithm>
#include <utility>

namespace waybill::exporters {

void PrometheusPage::show(const MetricSnapshots& snapshots, Time now) {
  for (const auto& snapshot : snapshots) {
    const auto known = hosts_.find(snapshot->source);
    if (known == hosts_.end()) {
      add(snapshot, now);
    } else {
      known->second.target.snapshot = snapshot;
      known->second.heard_of = now;
    }
  }
}

std::vector<PrometheusTarget> PrometheusPage::targets(Time now) {
  std::erase_if(hosts_, [&](const auto& entry) { return now - entry.second.heard_of > kStay; });
  std::vector<PrometheusTarget> targets;
  for (const auto& [source, host] : hosts_) targets.push_back(host.target);
  return targets;
}

// Two hosts of one name would have the same series, which Prometheus refuses: when its user gave the same id
// to several, the later one's is made different. One that has ended gives its id to the one that follows it.
void PrometheusPage::add(const std::shared_ptr<const telemetry::MetricSnapshot>& snapshot, Time now) {
  PrometheusTarget target{snapshot, job_of(*snapshot->resource), instance_of(*snapshot)};
  const auto same = std::find_if(hosts_.begin(), hosts_.end(), [&](const auto& entry) {
    return entry.second.target.job == target.job && entry.second.target.instance == target.instance;
  });
  if (same != hosts_.end() && same->second.target.snapshot->last) {
    hosts_.erase(same);
  } else if (same != hosts_.end()) {
    target.instance += "/" + snapshot->source;
  }
  if (hosts_.size() == kMostHosts) make_room();
  hosts_.emplace(snapshot->source, Host{std::move(target), now});
}

void PrometheusPage::make_room() {
  hosts_.erase(std::min_element(hosts_.begin(), hosts_.end(), [](const auto& left, const auto& right) {
    return left.second.heard_of < right.second.heard_of;
  }));
}

}  // namespace waybill::exporters
