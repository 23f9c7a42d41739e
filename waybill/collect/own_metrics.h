#pragma once

#include <cstdint>
#include <ctime>
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
  // `cost`: the clock of the processor time that collecting takes.
  explicit OwnMetrics(clockid_t cost);

  // As it stands now; everything counts from this process's start on. `lags`: of groups that no host speaks
  // for.
  std::shared_ptr<const telemetry::MetricSnapshot> snapshot(const Books& books, bool last,
                                                            std::span<const lag::LagPoint> lags) const;

 private:
  clockid_t cost_;
  std::string source_;
  std::shared_ptr<const telemetry::Resource> resource_;
  std::uint64_t start_unix_ns_;
};

}  // namespace waybill::collect
