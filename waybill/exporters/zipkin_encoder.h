#pragma once

#include <string>
#include <string_view>

#include "waybill/exporters/span_encoder.h"

namespace waybill::exporters {

// Zipkin's v2 JSON (OpenTelemetry specification, "OpenTelemetry to Zipkin Transformation"). Attributes of the
// resource become tags as those of the span do. Links and trace state have no place there. A message's remote
// endpoint is the broker, for consumers too: so Zipkin draws the broker between those who send and those who
// read. Owned by one thread.
class ZipkinEncoder final : public SpanEncoder {
 public:
  std::string_view encode(Batches batches) override;

 private:
  std::string body_;
};

}  // namespace waybill::exporters
