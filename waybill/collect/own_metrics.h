#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "waybill/lag/join_lag.h"
#include "waybill/telemetry/metric.h"

namespace waybill::collect {

struct Books;

// What the collecting process says about itself: what became of spans, and what that costs. Owned by one
// thread.
class OwnMetrics {
 public:
  OwnMetrics();

  // As it stands now; everything counts from this process's start on. `lags`: of groups that no host speaks
  // for.
  std::shared_ptr<const telemetry::MetricSnapshot> snapshot(const Books& books, bool last,
                                                            std::span<const lag::LagPoint> lags) const;

 private:
  std::string source_;
  std::shared_ptr<const telemetry::Resource> resource_;
  std::uint64_t start_unix_ns_;
};

}  // namespace waybill::collect
