#pragma once

#include <string_view>

#include "waybill/exporters/byte_buffer.h"
#include "waybill/exporters/span_encoder.h"

namespace waybill::exporters {

// Encodes the log records of spans that failed as an
// opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest, one ResourceLogs for each batch. Text that
// is not UTF-8 gets U+FFFD for each wrong byte. Owned by one thread.
class OtlpLogEncoder final : public SpanEncoder {
 public:
  std::string_view encode(Batches batches) override;

 private:
  ByteBuffer body_;
};

}  // namespace waybill::exporters
