#pragma once

#include <absl/strings/escaping.h>

#include <algorithm>
#include <string>

#include "opentelemetry/proto/collector/logs/v1/logs_service.pb.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"

namespace waybill::otlp::internal {

// OTLP's JSON writes ids as hexadecimal digits where protobuf's own JSON has base64 (OTLP specification,
// "JSON Protobuf Encoding"). Digits are letters of base64, too: protobuf's reader makes bytes of them, from
// which base64 gives the digits back. The same way round for writing.
inline void from_json_id(std::string& id) {
  const std::string digits = absl::Base64Escape(id);
  const bool is_hex =
      std::all_of(digits.begin(), digits.end(), [](unsigned char letter) { return isxdigit(letter) != 0; });
  id = is_hex ? absl::HexStringToBytes(digits) : std::string{};
}

inline void to_json_id(std::string& id) {
  std::string read;
  absl::Base64Unescape(absl::BytesToHexString(id), &read);
  id = std::move(read);
}

template <typename Change>
void change_ids(opentelemetry::proto::trace::v1::Span& span, Change change) {
  change(*span.mutable_trace_id());
  change(*span.mutable_span_id());
  change(*span.mutable_parent_span_id());
  for (auto& link : *span.mutable_links()) {
    change(*link.mutable_trace_id());
    change(*link.mutable_span_id());
  }
}

inline void read_ids(opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest& request) {
  for (auto& resource : *request.mutable_resource_spans())
    for (auto& scope : *resource.mutable_scope_spans())
      for (auto& span : *scope.mutable_spans()) change_ids(span, from_json_id);
}

inline void read_ids(opentelemetry::proto::collector::logs::v1::ExportLogsServiceRequest& request) {
  for (auto& resource : *request.mutable_resource_logs())
    for (auto& scope : *resource.mutable_scope_logs())
      for (auto& record : *scope.mutable_log_records()) {
        from_json_id(*record.mutable_trace_id());
        from_json_id(*record.mutable_span_id());
      }
}

// Of metrics only exemplars have ids, and nobody asks for these.
inline void read_ids(google::protobuf::Message&) {}

}  // namespace waybill::otlp::internal
