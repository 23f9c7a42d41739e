#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "waybill/lag/join_lag.h"
#include "waybill/support/arena.h"
#include "waybill/telemetry/metric.h"

namespace waybill::lag {

inline constexpr std::size_t kMostLagSeries = 2'000;

// kafka.consumer.lag, kafka.consumer.lag.time, and the gauges that say how sure they are. A metric without a
// point is left out. No more than `most_series` (at least 1) of each: the furthest behind of what is beyond
// stands in a last one with otel.metric.overflow. `memory` outlives the metrics. `points` as join_lag() makes
// them.
std::vector<telemetry::Metric> lag_metrics(std::span<const LagPoint> points, std::size_t most_series,
                                           Arena& memory);

// Puts them into a snapshot, no more than kMostLagSeries of each.
void add_lag_metrics(telemetry::MetricSnapshot& snapshot, std::span<const LagPoint> points);

}  // namespace waybill::lag
