#pragma once

#include <string>
#include <string_view>

#include "waybill/otlp/received.h"
#include "waybill/support/expected.h"

namespace waybill::otlp {

enum class Signal { kTraces, kMetrics, kLogs };
enum class Encoding { kProtobuf, kJson };

// Reads an export request: one of Export{Trace,Metrics,Logs}ServiceRequest. The error says why it is none;
// nothing of it is used then. Unknown fields are passed over. Thread-safe.
Expected<Received> read_request(Signal signal, Encoding encoding, std::string_view body);

// The response to it, with the partial success that the specification asks for when something was rejected.
std::string write_response(Signal signal, Encoding encoding, const Received& received);

// A google.rpc.Status with this message, as the body of an answer that is an error (OTLP/HTTP, "Failures").
std::string write_failure(Encoding encoding, int code, std::string_view message);

}  // namespace waybill::otlp
