#pragma once

#include <httplib.h>
#include <opentelemetry/proto/collector/logs/v1/logs_service.pb.h>

#include <fstream>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

// The part of otlp-sink that receives log records. It writes one JSON object for each to a file of its own.
// Thread-safe.
class LogSink {
 public:
  using Json = nlohmann::ordered_json;
  using Attributes = google::protobuf::RepeatedPtrField<opentelemetry::proto::common::v1::KeyValue>;
  using ToJson = std::function<Json(const Attributes&)>;

  LogSink(const std::string& output, ToJson attributes)
      : attributes_{std::move(attributes)}, output_{output, std::ios::app} {}

  void receive(const httplib::Request& request, httplib::Response& response) {
    using namespace opentelemetry::proto::collector::logs::v1;
    ExportLogsServiceRequest message;
    response.status = message.ParseFromString(request.body) ? 200 : 400;
    response.set_content(ExportLogsServiceResponse{}.SerializeAsString(), "application/x-protobuf");
    std::string lines;
    for (const auto& resource : message.resource_logs()) {
      for (const auto& scope : resource.scope_logs()) {
        for (const auto& record : scope.log_records()) {
          Json json = record_of(record);
          json["resource"] = attributes_(resource.resource().attributes());
          json["schema_url"] = scope.schema_url();
          json["scope"] = {{"name", scope.scope().name()}, {"version", scope.scope().version()}};
          lines += json.dump() + "\n";
        }
      }
    }
    const std::scoped_lock lock{mutex_};
    output_ << lines << std::flush;
  }

 private:
  Json record_of(const opentelemetry::proto::logs::v1::LogRecord& record) {
    return {{"event", record.event_name()},
            {"severity", record.severity_text()},
            {"severity_number", static_cast<int>(record.severity_number())},
            {"time_ns", record.time_unix_nano()},
            {"observed_ns", record.observed_time_unix_nano()},
            {"trace_id", hex(record.trace_id())},
            {"span_id", hex(record.span_id())},
            {"flags", record.flags()},
            {"attributes", attributes_(record.attributes())}};
  }

  static std::string hex(const std::string& bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (const char byte : bytes) {
      text += kDigits[static_cast<unsigned char>(byte) >> 4U];
      text += kDigits[static_cast<unsigned char>(byte) & 15U];
    }
    return text;
  }

  const ToJson attributes_;
  std::mutex mutex_;
  std::ofstream output_;  // guarded by mutex_
};
