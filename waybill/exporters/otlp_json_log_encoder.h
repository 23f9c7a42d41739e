#pragma once

#include <string>
#include <string_view>

#include "waybill/exporters/span_encoder.h"

namespace waybill::exporters {

// An ExportLogsServiceRequest (which is a LogsData too) with the log records of spans that failed, as OTLP's
// JSON, in one line. Bytes that are not UTF-8 become U+FFFD.
std::string otlp_json_logs(Batches batches);

// The same as one line of a file.
inline std::string otlp_json_log_line(Batches batches) { return otlp_json_logs(batches) + '\n'; }

// The same as the body of a request.
class OtlpJsonLogEncoder final : public SpanEncoder {
 public:
  std::string_view encode(Batches batches) override { return body_ = otlp_json_logs(batches); }

 private:
  std::string body_;
};

}  // namespace waybill::exporters
