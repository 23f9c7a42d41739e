#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "waybill/configure/settings.h"
#include "waybill/exporters/metric_exporter.h"

namespace waybill::exporters {

// Makes of what was counted since the beginning what was counted since the last time that arrived. Nothing is
// lost when a delivery fails: the next one starts where the last that arrived ended.
//
//   const DeltaConverter::Changes changes = converter.since_last(snapshots);
//   if (send(changes.snapshots)) converter.arrived(snapshots);
//
// Remembers the last numbers of each series; bounded. Owned by one thread.
class DeltaConverter {
 public:
  static constexpr std::size_t kMostSeries = 200'000;

  explicit DeltaConverter(configure::TemporalityPreference preference, std::size_t most_series = kMostSeries)
      : preference_{preference}, most_series_{most_series} {}

  struct Changes {
    // Refer to the snapshots that they were made of. A series without anything new is left out.
    MetricSnapshots snapshots;
    std::uint64_t beyond_bound = 0;  // points of new series that there was no room to remember: left out
  };
  Changes since_last(const MetricSnapshots& snapshots) const;

  // The changes that were made of these snapshots have arrived. What has ended is forgotten.
  void arrived(const MetricSnapshots& snapshots);

  // The last numbers of one source as bytes, for the next process; empty: there are none. recall() ignores
  // what it cannot read, and what it knows already.
  std::string memory_of(const std::string& source) const;
  void recall(const std::string& source, std::string_view memory);

 private:
  // The numbers of a series that arrived last.
  struct Last {
    std::uint64_t time_unix_ns = 0;
    std::int64_t integer = 0;
    double number = 0;
    std::uint64_t count = 0;
    double sum = 0;
    std::vector<std::uint64_t> buckets;
  };
  using Series = absl::flat_hash_map<std::string, Last>;

  class Builder;
  const Last* find(const Series* series, const std::string& key) const;
  void remember(Series& series, const std::string& key, const telemetry::MetricPoint& point);
  static bool read_series(std::string_view& memory, Series& series);

  const configure::TemporalityPreference preference_;
  const std::size_t most_series_;
  std::map<std::string, Series, std::less<>> sources_;
  std::size_t size_ = 0;  // series of all sources
};

}  // namespace waybill::exporters
