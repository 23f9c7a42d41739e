#include "waybill/collect/exporter_pool.h"

#include <algorithm>
#include <string>

namespace waybill::collect {
namespace {

constexpr std::ptrdiff_t kMostOfAUser = 64;
constexpr std::size_t kMostUnused = 8;  // short programs come again and again

bool same_log_destination(const configure::Settings& left, const configure::Settings& right) {
  return left.logs == right.logs && left.otlp_file == right.otlp_file && left.kafka == right.kafka &&
         left.console == right.console;
}

void add(exporters::ExporterStatistics& sum, const exporters::ExporterStatistics& one) {
  sum.submitted += one.submitted;
  sum.exported += one.exported;
  sum.pending += one.pending;
  sum.dropped_queue_full += one.dropped_queue_full;
  sum.dropped_rejected += one.dropped_rejected;
  sum.dropped_unreachable += one.dropped_unreachable;
  sum.retries += one.retries;
}

}  // namespace

bool ExporterPool::same_destination(const configure::Settings& left, const configure::Settings& right) const {
  if (signal_ == Signal::kLogs) return same_log_destination(left, right);
  const configure::ExportSettings& first = left;
  return first == right && left.more_exports == right.more_exports;
}

std::shared_ptr<ExporterSet> ExporterPool::for_settings(const configure::Settings& settings, uid_t owner) {
  for (const Entry& entry : entries_) {
    if (same_destination(entry.settings, settings)) return entry.exporters;
  }
  const auto same_owner = [owner](const Entry& entry) { return entry.owner == owner; };
  if (std::count_if(entries_.begin(), entries_.end(), same_owner) >= kMostOfAUser) {
    const std::string user = std::to_string(owner);
    const std::string what = signal_ == Signal::kLogs ? "log records" : "spans";
    log_.warning(what + " destinations " + user,
                 "programs of user " + user + " have " + std::to_string(kMostOfAUser) +
                     " destinations already; " + what + " for one more are dropped");
    return nullptr;
  }
  entries_.push_back({settings, owner, std::make_shared<ExporterSet>(make_(settings, log_))});
  return entries_.back().exporters;
}

void ExporterPool::release_unused() {
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

bool ExporterPool::flush(std::chrono::steady_clock::time_point deadline) {
  hurry();
  bool all = true;
  for (const Entry& entry : entries_) {
    for (const auto& exporter : *entry.exporters) all = exporter->flush(deadline) && all;
  }
  return all;
}

void ExporterPool::shutdown(std::chrono::steady_clock::time_point deadline) {
  hurry();
  for (const Entry& entry : entries_) {
    for (const auto& exporter : *entry.exporters) exporter->shutdown(deadline);
  }
}

// All at once: one that hangs until the deadline leaves the others no time after it.
void ExporterPool::hurry() {
  for (const Entry& entry : entries_) {
    for (const auto& exporter : *entry.exporters) exporter->flush(std::chrono::steady_clock::now());
  }
}

exporters::ExporterStatistics ExporterPool::statistics() const {
  exporters::ExporterStatistics sum = ended_;
  for (const Entry& entry : entries_) {
    for (const auto& exporter : *entry.exporters) add(sum, exporter->statistics());
  }
  return sum;
}

}  // namespace waybill::collect
