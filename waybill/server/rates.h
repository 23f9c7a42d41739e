#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "waybill/analysis/counter_growth.h"
#include "waybill/evidence/metric_point.h"
#include "waybill/store/store.h"
#include "waybill/support/expected.h"

namespace waybill::server {

// Counters of a window, from the store. `points` are those of the series that are asked for.
class Counters {
 public:
  static constexpr const char* kSent = "messaging.client.sent.messages";
  static constexpr const char* kConsumed = "messaging.client.consumed.messages";
  static constexpr const char* kProcessed = "messaging.process.duration";

  // Reads all series of a metric; empty topic and group: of all. The error is that of the store.
  static Expected<Counters> read(store::Store& store, const std::string& metric, const store::Window& window,
                                 const std::string& topic = {}, const std::string& group = {});

  bool empty() const { return points_.empty(); }
  const std::vector<evidence::MetricPoint>& points() const { return points_; }

  // What the series that are wanted grew by. Not known: there are none.
  template <typename Wanted>
  analysis::CounterGrowth growth(Wanted&& wanted, std::size_t steps = 1) const {
    std::vector<evidence::MetricPoint> points;
    for (const evidence::MetricPoint& point : points_)
      if (wanted(point.series)) points.push_back(point);
    return analysis::growth_of(points, {window_.from_ns, window_.to_ns, steps});
  }

  // A second, as far as the points reach. None: not known.
  std::optional<double> per_second(const analysis::CounterGrowth& growth) const;

 private:
  store::Window window_;
  std::vector<evidence::MetricPoint> points_;
};

}  // namespace waybill::server
