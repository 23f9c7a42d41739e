#include "waybill/server/rates.h"

namespace waybill::server {
namespace {

constexpr std::size_t kMostPoints = 500'000;
// Metrics come once a minute by default: so far before the window a counter has its last point.
constexpr std::int64_t kInterval = 3 * std::int64_t{60'000'000'000};

}  // namespace

Expected<Counters> Counters::read(store::Store& store, const std::string& metric, const store::Window& window,
                                  const std::string& topic, const std::string& group) {
  auto points = store.points({.window = {window.from_ns - kInterval, window.to_ns},
                              .metrics = {metric},
                              .topic = topic,
                              .group = group},
                             kMostPoints);
  if (!points) return points.error();
  Counters counters;
  counters.window_ = window;
  // Of what was cut nobody knows how much it is.
  if (points->size() < kMostPoints) counters.points_ = std::move(*points);
  return counters;
}

std::optional<double> Counters::per_second(const analysis::CounterGrowth& growth) const {
  // The newest minute is not told yet; but who has been silent for longer has ended.
  const bool has_ended = window_.to_ns - growth.known_until_ns > kInterval;
  const std::int64_t until_ns = has_ended ? window_.to_ns : growth.known_until_ns;
  const double seconds = static_cast<double>(until_ns - window_.from_ns) / 1e9;
  if (!growth.is_known || seconds <= 0) return std::nullopt;
  return growth.total() / seconds;
}

}  // namespace waybill::server
