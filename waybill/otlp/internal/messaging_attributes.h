#pragma once

#include "opentelemetry/proto/trace/v1/trace.pb.h"
#include "waybill/evidence/span.h"
#include "waybill/otlp/internal/attributes.h"

namespace waybill::otlp::internal {

// Reads what Kafka's questions need out of a span's attributes, by the names of the semantic conventions from
// 1.6 to 1.44, and of those instrumentations of Java, Python, Go and .NET that have names of their own. A
// span of another messaging system gets nothing but its error type.
void read_messaging(const opentelemetry::proto::trace::v1::Span& from, evidence::Span& span);

// What a link says of the message that it leads to.
evidence::Place place_of(const KeyValues& attributes);

}  // namespace waybill::otlp::internal
