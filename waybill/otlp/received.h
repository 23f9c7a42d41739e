#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "waybill/evidence/log_record.h"
#include "waybill/evidence/metric_point.h"
#include "waybill/evidence/span.h"

namespace waybill::otlp {

// What one export request held. What could not be used is counted, and the rest is used (OTLP specification,
// "Partial Success").
struct Received {
  std::vector<evidence::Span> spans;
  std::vector<evidence::LogRecord> log_records;
  std::vector<evidence::MetricPoint> points;
  std::int64_t rejected = 0;
  std::string why;  // of the first that was rejected
};

}  // namespace waybill::otlp
