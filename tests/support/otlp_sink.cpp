// otlp-sink: an OTLP/HTTP receiver for tests and the demo. It decodes with the official protobuf messages and
// appends one JSON object for each span to a file. GET /requests tells what arrived; POST /answers
// {"answers":[{"status":503,…}]} scripts the next answers. --forward URL also posts every body to another
// receiver. Metrics go to FILE.metrics, one object for each point; GET /metric-requests tells of them. Log
// records go to FILE.logs, one object each.

#include <httplib.h>
#include <opentelemetry/proto/collector/trace/v1/trace_service.pb.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <deque>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "log_sink.h"
#include "metric_sink.h"

namespace {

namespace proto = opentelemetry::proto;
using Json = nlohmann::ordered_json;
using TraceRequest = proto::collector::trace::v1::ExportTraceServiceRequest;
using TraceResponse = proto::collector::trace::v1::ExportTraceServiceResponse;

std::string hex(const std::string& bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text += kDigits[static_cast<unsigned char>(byte) >> 4U];
    text += kDigits[static_cast<unsigned char>(byte) & 15U];
  }
  return text;
}

Json value_of(const proto::common::v1::AnyValue& value) {
  switch (value.value_case()) {
    case proto::common::v1::AnyValue::kStringValue:
      return value.string_value();
    case proto::common::v1::AnyValue::kBoolValue:
      return value.bool_value();
    case proto::common::v1::AnyValue::kIntValue:
      return value.int_value();
    case proto::common::v1::AnyValue::kDoubleValue:
      return value.double_value();
    case proto::common::v1::AnyValue::kArrayValue: {
      Json array = Json::array();
      for (const auto& one : value.array_value().values()) array.push_back(value_of(one));
      return array;
    }
    default:
      return nullptr;
  }
}

template <typename Attributes>
Json attributes_of(const Attributes& attributes) {
  Json object = Json::object();
  for (const auto& attribute : attributes) object[attribute.key()] = value_of(attribute.value());
  return object;
}

Json span_of(const proto::trace::v1::Span& span) {
  Json links = Json::array();
  for (const auto& link : span.links()) {
    links.push_back({{"trace_id", hex(link.trace_id())},
                     {"span_id", hex(link.span_id())},
                     {"trace_state", link.trace_state()},
                     {"flags", link.flags()},
                     {"attributes", attributes_of(link.attributes())}});
  }
  return {{"name", span.name()},
          {"kind", proto::trace::v1::Span_SpanKind_Name(span.kind()).substr(10)},
          {"trace_id", hex(span.trace_id())},
          {"span_id", hex(span.span_id())},
          {"parent_span_id", hex(span.parent_span_id())},
          {"trace_state", span.trace_state()},
          {"flags", span.flags()},
          {"start_ns", span.start_time_unix_nano()},
          {"end_ns", span.end_time_unix_nano()},
          {"attributes", attributes_of(span.attributes())},
          {"dropped_attributes_count", span.dropped_attributes_count()},
          {"links", links},
          {"dropped_links_count", span.dropped_links_count()},
          {"status", proto::trace::v1::Status_StatusCode_Name(span.status().code()).substr(12)},
          {"status_message", span.status().message()}};
}

class Sink {
 public:
  Sink(const std::string& output, const std::string& forward_to) : output_{output, std::ios::app} {
    if (!forward_to.empty()) forward_ = std::make_unique<httplib::Client>(forward_to);
  }

  void receive(const httplib::Request& request, httplib::Response& response) {
    const Json answer = next_answer();
    if (answer.contains("delay_ms"))
      std::this_thread::sleep_for(std::chrono::milliseconds{answer["delay_ms"].get<int>()});
    Json headers = Json::object();
    for (const auto& [name, value] : request.headers) headers[name] = value;
    const int status = answer.value("status", 200);
    TraceRequest message;
    const bool sound = message.ParseFromString(request.body);
    const std::size_t spans = sound && status == 200 ? write(message) : 0;
    if (spans != 0) forward(request.body);
    {
      const std::scoped_lock lock{mutex_};
      requests_.push_back({{"path", request.path},
                           {"headers", headers},
                           {"sound", sound},
                           {"status", status},
                           {"spans", spans}});
    }
    response.status = sound ? status : 400;
    if (answer.contains("retry_after"))
      response.set_header("Retry-After", answer["retry_after"].get<std::string>());
    TraceResponse body;
    if (answer.contains("rejected_spans")) {
      body.mutable_partial_success()->set_rejected_spans(answer["rejected_spans"].get<std::int64_t>());
      body.mutable_partial_success()->set_error_message(answer.value("message", ""));
    }
    response.set_content(body.SerializeAsString(), "application/x-protobuf");
  }

  void script(const httplib::Request& request, httplib::Response&) {
    const Json body = Json::parse(request.body);
    const std::scoped_lock lock{mutex_};
    for (const Json& answer : body.at("answers")) answers_.push_back(answer);
  }

  void tell(const httplib::Request&, httplib::Response& response) {
    const std::scoped_lock lock{mutex_};
    response.set_content(requests_.dump(), "application/json");
  }

 private:
  Json next_answer() {
    const std::scoped_lock lock{mutex_};
    if (answers_.empty()) return Json::object();
    Json answer = answers_.front();
    answers_.pop_front();
    return answer;
  }

  void forward(const std::string& body) {
    if (!forward_) return;
    const std::scoped_lock lock{forward_mutex_};
    const auto answer = forward_->Post("/v1/traces", body, "application/x-protobuf");
    if (!answer || answer->status != 200) {
      std::fprintf(
          stderr, "otlp-sink: the other receiver did not take the spans: %s\n",
          answer ? std::to_string(answer->status).c_str() : httplib::to_string(answer.error()).c_str());
    }
  }

  std::size_t write(const TraceRequest& message) {
    std::string lines;
    std::size_t count = 0;
    for (const auto& resource_spans : message.resource_spans()) {
      const Json resource = attributes_of(resource_spans.resource().attributes());
      for (const auto& scope_spans : resource_spans.scope_spans()) {
        for (const auto& span : scope_spans.spans()) {
          Json json = span_of(span);
          json["resource"] = resource;
          json["schema_url"] = scope_spans.schema_url();
          json["scope"] = {{"name", scope_spans.scope().name()}, {"version", scope_spans.scope().version()}};
          lines += json.dump() + "\n";
          ++count;
        }
      }
    }
    const std::scoped_lock lock{mutex_};
    output_ << lines << std::flush;
    return count;
  }

  std::mutex forward_mutex_;
  std::unique_ptr<httplib::Client> forward_;  // guarded by forward_mutex_
  std::mutex mutex_;
  std::ofstream output_;  // these are guarded by mutex_
  std::deque<Json> answers_;
  Json requests_ = Json::array();
};

}  // namespace

int main(int count, char** values) {
  CLI::App app{"Receives OTLP/HTTP on a loopback port and writes one JSON object for each span."};
  std::string output;
  std::string forward_to;
  app.add_option("--forward", forward_to, "Another OTLP/HTTP receiver, as http://localhost:4318");
  app.add_option("--output", output, "The file to append to")->required();
  CLI11_PARSE(app, count, values);

  sigset_t end_signals;
  sigemptyset(&end_signals);
  sigaddset(&end_signals, SIGTERM);
  sigaddset(&end_signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &end_signals, nullptr);

  Sink sink{output, forward_to};
  MetricSink metrics{output + ".metrics", [](const auto& attributes) { return attributes_of(attributes); }};
  LogSink logs{output + ".logs", [](const auto& attributes) { return attributes_of(attributes); }};
  httplib::Server server;
  server.Post("/v1/traces", [&](const auto& request, auto& response) { sink.receive(request, response); });
  server.Post("/v1/metrics",
              [&](const auto& request, auto& response) { metrics.receive(request, response); });
  server.Post("/v1/logs", [&](const auto& request, auto& response) { logs.receive(request, response); });
  server.Get("/metric-requests", [&](const auto&, auto& response) { metrics.tell(response); });
  server.Post("/answers", [&](const auto& request, auto& response) { sink.script(request, response); });
  server.Get("/requests", [&](const auto& request, auto& response) { sink.tell(request, response); });
  const int port = server.bind_to_any_port("127.0.0.1");
  std::thread listener{[&] { server.listen_after_bind(); }};
  while (!server.is_running()) std::this_thread::yield();  // stop() before that would be lost
  std::printf("http://127.0.0.1:%d\n", port);
  std::fflush(stdout);
  int received = 0;
  sigwait(&end_signals, &received);
  server.stop();
  listener.join();
  return 0;
}
