#include "waybill/collect/exporter_pool.h"

#include "waybill/exporters/make_exporters.h"

namespace waybill::collect {
namespace {

bool same_destination(const configure::Settings& left, const configure::Settings& right) {
  return left.traces_exporters == right.traces_exporters && left.otlp_traces == right.otlp_traces &&
         left.batch == right.batch && left.console == right.console;
}

}  // namespace

ExporterSet& ExporterPool::for_settings(const configure::Settings& settings) {
  for (const auto& entry : entries_) {
    if (same_destination(entry->settings, settings)) return entry->exporters;
  }
  entries_.push_back(std::make_unique<Entry>(Entry{settings, exporters::make_exporters(settings, log_)}));
  return entries_.back()->exporters;
}

bool ExporterPool::flush(std::chrono::steady_clock::time_point deadline) {
  bool all = true;
  for (const auto& entry : entries_) {
    for (const auto& exporter : entry->exporters) all = exporter->flush(deadline) && all;
  }
  return all;
}

void ExporterPool::shutdown(std::chrono::steady_clock::time_point deadline) {
  for (const auto& entry : entries_) {
    for (const auto& exporter : entry->exporters) exporter->shutdown(deadline);
  }
}

exporters::ExporterStatistics ExporterPool::statistics() const {
  exporters::ExporterStatistics sum;
  for (const auto& entry : entries_) {
    for (const auto& exporter : entry->exporters) {
      const exporters::ExporterStatistics one = exporter->statistics();
      sum.submitted += one.submitted;
      sum.exported += one.exported;
      sum.pending += one.pending;
      sum.dropped_queue_full += one.dropped_queue_full;
      sum.dropped_rejected += one.dropped_rejected;
      sum.dropped_unreachable += one.dropped_unreachable;
      sum.retries += one.retries;
    }
  }
  return sum;
}

}  // namespace waybill::collect
