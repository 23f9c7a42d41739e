#include "waybill/exporters/delta_converter.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "waybill/exporters/series_key.h"
#include "waybill/exporters/temporality.h"

namespace waybill::exporters {
namespace {

using telemetry::Metric;
using telemetry::MetricPoint;
using telemetry::MetricSnapshot;

// What the memory of a source begins with; another version of it is another number.
constexpr std::uint32_t kMemoryFormat = 0x57424401;

template <typename Number>
void append(std::string& bytes, Number number) {
  bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
}

template <typename Number>
bool take(std::string_view& bytes, Number& number) {
  if (bytes.size() < sizeof number) return false;
  std::memcpy(&number, bytes.data(), sizeof number);
  bytes.remove_prefix(sizeof number);
  return true;
}

}  // namespace

// Makes the changes of one source.
class DeltaConverter::Builder {
 public:
  Builder(const DeltaConverter& converter, const MetricSnapshot& snapshot, std::size_t& room)
      : converter_{converter}, from_{snapshot}, room_{room} {
    const auto known = converter.sources_.find(snapshot.source);
    series_ = known == converter.sources_.end() ? nullptr : &known->second;
    changed_->source = snapshot.source;
    changed_->resource = snapshot.resource;
    changed_->last = snapshot.last;
  }

  std::shared_ptr<const MetricSnapshot> build() {
    for (const Metric& metric : from_.metrics) {
      Metric changed{metric.description, {}};
      if (is_delta(converter_.preference_, *metric.description)) {
        for (const MetricPoint& point : metric.points) add_change(changed, point);
      } else {
        changed.points = metric.points;
      }
      if (!changed.points.empty()) changed_->metrics.push_back(std::move(changed));
    }
    return std::move(changed_);
  }
  std::uint64_t beyond_bound() const { return beyond_bound_; }

 private:
  void add_change(Metric& changed, const MetricPoint& point) {
    const std::string key = series_key(changed.description->name, point.attributes);
    const Last* last = converter_.find(series_, key);
    // A source that has ended needs no memory: it does not come again.
    if (last == nullptr && !from_.last) {
      if (room_ == 0) {
        ++beyond_bound_;
        return;
      }
      --room_;
    }
    // One that is younger than what is known of it began anew.
    const bool goes_on = last != nullptr && point.start_unix_ns <= last->time_unix_ns && !fell(*last, point);
    MetricPoint change = goes_on ? difference(point, *last) : point;
    if (change.integer != 0 || change.number != 0 || change.count != 0) changed.points.push_back(change);
  }

  static bool fell(const Last& last, const MetricPoint& point) {
    return point.integer < last.integer || point.number < last.number || point.count < last.count ||
           point.buckets.size() != last.buckets.size();
  }

  MetricPoint difference(const MetricPoint& point, const Last& last) {
    MetricPoint change = point;
    change.start_unix_ns = last.time_unix_ns;
    change.integer -= last.integer;
    change.number -= last.number;
    change.count -= last.count;
    change.sum -= last.sum;
    std::vector<std::uint64_t> buckets{point.buckets.begin(), point.buckets.end()};
    for (std::size_t at = 0; at < buckets.size(); ++at) buckets[at] -= last.buckets[at];
    change.buckets = changed_->memory.keep(std::span<const std::uint64_t>{buckets});
    std::vector<telemetry::Exemplar> exemplars;
    std::copy_if(point.exemplars.begin(), point.exemplars.end(), std::back_inserter(exemplars),
                 [&](const auto& one) { return one.time_unix_ns > last.time_unix_ns; });
    change.exemplars = changed_->memory.keep(std::span<const telemetry::Exemplar>{exemplars});
    return change;
  }

  const DeltaConverter& converter_;
  const MetricSnapshot& from_;
  std::size_t& room_;
  const Series* series_ = nullptr;
  std::shared_ptr<MetricSnapshot> changed_ = std::make_shared<MetricSnapshot>();
  std::uint64_t beyond_bound_ = 0;
};

DeltaConverter::Changes DeltaConverter::since_last(const MetricSnapshots& snapshots) const {
  Changes changes;
  std::size_t room = most_series_ - size_;
  for (const auto& snapshot : snapshots) {
    Builder builder{*this, *snapshot, room};
    auto changed = builder.build();
    changes.beyond_bound += builder.beyond_bound();
    if (!changed->metrics.empty()) changes.snapshots.push_back(std::move(changed));
  }
  return changes;
}

// In the same order as since_last(), so that what there was room for there has its place here.
void DeltaConverter::arrived(const MetricSnapshots& snapshots) {
  for (const auto& snapshot : snapshots) {
    if (snapshot->last) continue;
    Series& series = sources_[snapshot->source];
    for (const Metric& metric : snapshot->metrics) {
      if (!is_delta(preference_, *metric.description)) continue;
      for (const MetricPoint& point : metric.points)
        remember(series, series_key(metric.description->name, point.attributes), point);
    }
  }
  for (const auto& snapshot : snapshots) {
    const auto ended = snapshot->last ? sources_.find(snapshot->source) : sources_.end();
    if (ended == sources_.end()) continue;
    size_ -= ended->second.size();
    sources_.erase(ended);
  }
}

const DeltaConverter::Last* DeltaConverter::find(const Series* series, const std::string& key) const {
  if (series == nullptr) return nullptr;
  const auto known = series->find(key);
  return known == series->end() ? nullptr : &known->second;
}

void DeltaConverter::remember(Series& series, const std::string& key, const MetricPoint& point) {
  const auto known = series.find(key);
  if (known == series.end()) {
    if (size_ == most_series_) return;
    ++size_;
  }
  Last& last = known == series.end() ? series[key] : known->second;
  last.time_unix_ns = point.time_unix_ns;
  last.integer = point.integer;
  last.number = point.number;
  last.count = point.count;
  last.sum = point.sum;
  last.buckets.assign(point.buckets.begin(), point.buckets.end());
}

std::string DeltaConverter::memory_of(const std::string& source) const {
  const auto known = sources_.find(source);
  if (known == sources_.end() || known->second.empty()) return {};
  std::string bytes;
  append(bytes, kMemoryFormat);
  for (const auto& [key, last] : known->second) {
    append(bytes, key.size());
    bytes += key;
    append(bytes, last.time_unix_ns);
    append(bytes, last.integer);
    append(bytes, last.number);
    append(bytes, last.count);
    append(bytes, last.sum);
    append(bytes, last.buckets.size());
    for (const std::uint64_t bucket : last.buckets) append(bytes, bucket);
  }
  return bytes;
}

void DeltaConverter::recall(const std::string& source, std::string_view memory) {
  std::uint32_t format = 0;
  if (sources_.contains(source) || !take(memory, format) || format != kMemoryFormat) return;
  Series series;
  while (!memory.empty()) {
    if (!read_series(memory, series)) return;
  }
  if (series.size() > most_series_ - size_) return;
  size_ += series.size();
  sources_.emplace(source, std::move(series));
}

bool DeltaConverter::read_series(std::string_view& memory, Series& series) {
  std::size_t size = 0;
  if (!take(memory, size) || size > memory.size()) return false;
  const std::string key{memory.substr(0, size)};
  memory.remove_prefix(size);
  Last last;
  if (!take(memory, last.time_unix_ns) || !take(memory, last.integer) || !take(memory, last.number) ||
      !take(memory, last.count) || !take(memory, last.sum) || !take(memory, size) ||
      size > memory.size() / sizeof(std::uint64_t))
    return false;
  last.buckets.resize(size);
  for (std::uint64_t& bucket : last.buckets) take(memory, bucket);
  series.insert_or_assign(key, std::move(last));
  return true;
}

}  // namespace waybill::exporters
