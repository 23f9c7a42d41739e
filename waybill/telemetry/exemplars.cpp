#include "waybill/telemetry/exemplars.h"

#include <algorithm>
#include <iterator>

#include "waybill/telemetry/metric_table.h"

namespace waybill::telemetry {
namespace {

std::string text_of(const Attribute& attribute) {
  const auto* text = std::get_if<std::string_view>(&attribute.value);
  return text == nullptr ? std::string{} : std::string{*text};
}

DurationSeries series_of(const SpanShape& shape, bool by_partition) {
  DurationSeries series;
  for (const Attribute& one : shape.attributes) {
    if (one.key == "messaging.operation.name") series.operation = text_of(one);
    if (one.key == "messaging.destination.name") series.topic = text_of(one);
    if (one.key == "messaging.consumer.group.name") series.group = text_of(one);
    if (one.key == "server.address") series.server = text_of(one);
    if (one.key == "error.type") series.error = text_of(one);
    if (by_partition && one.key == "messaging.destination.partition.id") series.partition = text_of(one);
    const auto* number = std::get_if<std::int64_t>(&one.value);
    if (one.key == "server.port" && number != nullptr) series.port = *number;
  }
  return series;
}

}  // namespace

void Exemplars::add(const Span& span) {
  if (!span.context.sampled()) return;
  if (span.shape->id != last_shape_ || last_buckets_ == nullptr) {
    last_buckets_ = buckets_of(*span.shape);
    last_shape_ = span.shape->id;
  }
  if (last_buckets_ == nullptr) return;
  // In whole microseconds, as the host counted it: at a bound both fall into the same bucket.
  const std::uint64_t microseconds = (span.end_unix_ns - span.start_unix_ns) / 1000;
  const double seconds = static_cast<double>(microseconds) / 1e6;
  const auto* bound =
      std::lower_bound(std::begin(metrics::kDurationBounds), std::end(metrics::kDurationBounds), seconds);
  (*last_buckets_)[static_cast<std::size_t>(bound - std::begin(metrics::kDurationBounds))] = {
      seconds, span.end_unix_ns, span.context.trace_id, span.context.span_id};
}

Exemplars::Buckets* Exemplars::buckets_of(const SpanShape& shape) {
  const auto known = shapes_.find(shape.id);
  if (known != shapes_.end()) return known->second;
  if (shapes_.size() >= kMostShapes) shapes_.clear();
  DurationSeries series = series_of(shape, by_partition_);
  auto place = series_.find(series);
  if (place == series_.end() && series_.size() < kMostSeries)
    place = series_.emplace(std::move(series), Buckets{}).first;
  Buckets* buckets = place == series_.end() ? nullptr : &place->second;
  shapes_.emplace(shape.id, buckets);
  return buckets;
}

std::vector<Exemplar> Exemplars::of(const DurationSeries& series) const {
  std::vector<Exemplar> found;
  const auto place = series_.find(series);
  if (place == series_.end()) return found;
  std::copy_if(place->second.begin(), place->second.end(), std::back_inserter(found),
               [](const Exemplar& one) { return one.time_unix_ns != 0; });
  return found;
}

}  // namespace waybill::telemetry
