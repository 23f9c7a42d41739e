#pragma once

#include <string_view>

#include "waybill/exporters/metric_exporter.h"

namespace waybill::exporters {

// How one kind of receiver wants metrics written. Owned by one thread.
class MetricEncoder {
 public:
  virtual ~MetricEncoder() = default;

  // The bytes of one request, valid until the next call.
  virtual std::string_view encode(const MetricSnapshots& snapshots) = 0;
};

}  // namespace waybill::exporters
