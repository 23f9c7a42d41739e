#include "waybill/collect/metric_pool.h"

#include <algorithm>

namespace waybill::collect {
namespace {

constexpr std::ptrdiff_t kMostOfAUser = 64;
constexpr std::size_t kMostUnused = 8;  // short programs come again and again

void add(exporters::MetricExporterStatistics& sum, const exporters::MetricExporterStatistics& one) {
  sum.submitted += one.submitted;
  sum.exported += one.exported;
  sum.pending += one.pending;
  sum.dropped += one.dropped;
  sum.retries += one.retries;
}

}  // namespace

std::shared_ptr<MetricExporterSet> MetricPool::for_settings(const configure::Settings& settings,
                                                            uid_t owner) {
  for (const Entry& entry : entries_) {
    if (entry.destination == MetricDestination::of(settings)) return entry.exporters;
  }
  const auto same_owner = [owner](const Entry& entry) { return entry.owner == owner; };
  if (std::count_if(entries_.begin(), entries_.end(), same_owner) >= kMostOfAUser) {
    const std::string user = std::to_string(owner);
    log_.warning("metric destinations " + user, "programs of user " + user + " send metrics to " +
                                                    std::to_string(kMostOfAUser) +
                                                    " destinations already; those for one more are dropped");
    return nullptr;
  }
  entries_.push_back(
      {MetricDestination::of(settings), owner, std::make_shared<MetricExporterSet>(make_(settings, log_))});
  return entries_.back().exporters;
}

const MetricExporterSet* MetricPool::known(const configure::Settings& settings) const {
  for (const Entry& entry : entries_) {
    if (entry.destination == MetricDestination::of(settings)) return entry.exporters.get();
  }
  return nullptr;
}

void MetricPool::release_unused() {
  const auto is_done = [](const auto& exporter) { return exporter->statistics().pending == 0; };
  const auto is_unused = [&](const Entry& entry) {
    return entry.exporters.use_count() == 1 &&
           std::all_of(entry.exporters->begin(), entry.exporters->end(), is_done);
  };
  auto unused = static_cast<std::size_t>(std::count_if(entries_.begin(), entries_.end(), is_unused));
  for (auto entry = entries_.begin(); entry != entries_.end() && unused > kMostUnused;) {
    if (!is_unused(*entry)) {
      ++entry;
      continue;
    }
    for (const auto& exporter : *entry->exporters) {
      exporter->shutdown(std::chrono::steady_clock::now());
      add(ended_, exporter->statistics());
    }
    entry = entries_.erase(entry);
    --unused;
  }
}

bool MetricPool::flush(std::chrono::steady_clock::time_point deadline) {
  hurry();
  bool all = true;
  for (const Entry& entry : entries_) {
    for (const auto& exporter : *entry.exporters) all = exporter->flush(deadline) && all;
  }
  return all;
}

void MetricPool::shutdown(std::chrono::steady_clock::time_point deadline) {
  hurry();
  for (const Entry& entry : entries_) {
    for (const auto& exporter : *entry.exporters) exporter->shutdown(deadline);
  }
}

// All at once: one that hangs until the deadline leaves the others no time after it.
void MetricPool::hurry() {
  for (const Entry& entry : entries_) {
    for (const auto& exporter : *entry.exporters) exporter->flush(std::chrono::steady_clock::now());
  }
}

exporters::MetricExporterStatistics MetricPool::statistics() const {
  exporters::MetricExporterStatistics sum = ended_;
  for (const Entry& entry : entries_) {
    for (const auto& exporter : *entry.exporters) add(sum, exporter->statistics());
  }
  return sum;
}

}  // namespace waybill::collect
