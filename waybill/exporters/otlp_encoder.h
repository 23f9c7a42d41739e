#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "waybill/exporters/byte_buffer.h"
#include "waybill/exporters/span_encoder.h"
#include "waybill/telemetry/span.h"

namespace waybill::exporters {

// Encodes batches as an opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest, one ResourceSpans
// each. Text that is not UTF-8 gets U+FFFD for each wrong byte: receivers refuse a whole request for one such
// byte. Remembers what it encoded of each shape. Owned by one thread.
class OtlpTraceEncoder final : public SpanEncoder {
 public:
  std::string_view encode(Batches batches) override;

 private:
  std::string_view shape_fields(const telemetry::SpanShape& shape);

  ByteBuffer body_;
  std::size_t length_size_ = 3;  // how many bytes a batch's length took the last time
  absl::flat_hash_map<std::uint64_t, std::string> shapes_;  // by their id
  std::size_t shape_bytes_ = 0;
  std::uint64_t last_shape_ = 0;
  std::string_view last_fields_;
};

}  // namespace waybill::exporters
