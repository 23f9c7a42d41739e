#pragma once

#include <string>
#include <string_view>

#include "waybill/exporters/span_encoder.h"

namespace waybill::exporters {

// An ExportTraceServiceRequest (which is a TracesData too) as OTLP's JSON, in one line: ids are hexadecimal,
// 64-bit numbers are texts, enumerators are numbers (OTLP specification, "JSON Protobuf Encoding"). Bytes
// that are not UTF-8 become U+FFFD.
std::string otlp_json(Batches batches);

// The same as one line of a file.
inline std::string otlp_json_line(Batches batches) { return otlp_json(batches) + '\n'; }

// The same as the body of a request.
class OtlpJsonTraceEncoder final : public SpanEncoder {
 public:
  std::string_view encode(Batches batches) override { return body_ = otlp_json(batches); }

 private:
  std::string body_;
};

}  // namespace waybill::exporters
