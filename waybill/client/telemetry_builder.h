#pragma once

#include <chrono>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "waybill/client/api.h"
#include "waybill/client/message_attributes.h"
#include "waybill/client/telemetry.h"
#include "waybill/support/expected.h"

namespace waybill {

class CustomSampler;  // waybill/client/custom_sampler.h
class SpanExporter;   // waybill/client/span_exporter.h

// A sampler by its name and number, as OTEL_TRACES_SAMPLER and its argument have them.
struct Sampler {
  std::string name;
  std::string argument = {};
  std::string rules = {};                      // WAYBILL_SAMPLER_RULES
  std::shared_ptr<CustomSampler> custom = {};  // whom "application" means
};
WAYBILL_API Sampler always_on();
WAYBILL_API Sampler always_off();
WAYBILL_API Sampler trace_id_ratio(double ratio);                // of [0, 1]
WAYBILL_API Sampler rate_limited(double operations_per_second);  // above 0
WAYBILL_API Sampler rate_limited_per_topic(double operations_per_second);
WAYBILL_API Sampler adaptive(double overhead_percent);  // of the program's processor time
// "topic=payments.*:always_on; *:traceidratio=0.01"
WAYBILL_API Sampler rules(std::string_view text);
WAYBILL_API Sampler parent_based(Sampler root);
WAYBILL_API Sampler parent_based(std::shared_ptr<CustomSampler> root);

// A propagator by its name, as OTEL_PROPAGATORS has it.
struct Propagator {
  std::string name;
};
WAYBILL_API Propagator w3c();
WAYBILL_API Propagator baggage();
WAYBILL_API Propagator b3();
WAYBILL_API Propagator b3_multi();
WAYBILL_API Propagator jaeger();

// An exporter: its name, as OTEL_TRACES_EXPORTER has it, settings of its own, and what it exports.
struct Exporter {
  std::string name;
  std::map<std::string, std::string> settings = {};
  bool of_spans = true;
  bool of_metrics = true;
  bool of_logs = true;  // the log records of what failed
};
// What is empty keeps its default.
struct HttpOptions {
  std::string endpoint = {};  // "http://collector:4318"
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::chrono::milliseconds timeout{0};
  bool gzip = false;
};
WAYBILL_API Exporter otlp_http(const HttpOptions& options = {});
WAYBILL_API Exporter otlp_grpc(const HttpOptions& options = {});
WAYBILL_API Exporter otlp_file(std::string_view path);  // lines of JSON
WAYBILL_API Exporter otlp_stdout();
WAYBILL_API Exporter zipkin(std::string_view endpoint = {});                          // spans only
WAYBILL_API Exporter prometheus(std::string_view host = {}, std::uint16_t port = 0);  // metrics only
WAYBILL_API Exporter console();
WAYBILL_API Exporter otlp_kafka(std::string_view bootstrap_servers);

// Settings in C++. What is not said here, the environment says; what is wrong here is an error that names the
// setting.
//
//   auto telemetry = waybill::Telemetry::builder()
//                        .service_name("checkout")
//                        .sampler(waybill::parent_based(waybill::rate_limited(100)))
//                        .propagators({waybill::b3(), waybill::w3c()})
//                        .add_exporter(waybill::otlp_http({.endpoint = "http://collector:4318"}))
//                        .add_exporter(waybill::console())
//                        .build_and_register_global();
//
// Thread-compatible.
class WAYBILL_API TelemetryBuilder {
 public:
  TelemetryBuilder& service_name(std::string_view name);
  TelemetryBuilder& resource(std::string_view key, std::string_view value);
  TelemetryBuilder& sampler(const Sampler& sampler);
  TelemetryBuilder& sampler(std::shared_ptr<CustomSampler> sampler);
  // More attributes for the spans of messages.
  TelemetryBuilder& attributes(AttributeExtractor extractor);
  TelemetryBuilder& propagators(std::initializer_list<Propagator> propagators);
  // The first call takes the place of what the environment names. One of each kind.
  TelemetryBuilder& add_exporter(const Exporter& exporter);
  // Of any number, and where a thread of this process collects.
  TelemetryBuilder& add_exporter(std::shared_ptr<SpanExporter> exporter);
  TelemetryBuilder& metric_export_interval(std::chrono::milliseconds interval);
  TelemetryBuilder& attribute_count_limit(std::size_t count);
  TelemetryBuilder& attribute_value_length_limit(std::size_t bytes);
  TelemetryBuilder& link_count_limit(std::size_t count);
  // Any setting by the name of its variable: set("WAYBILL_KEEP", "errors,slow:500ms").
  TelemetryBuilder& set(std::string_view name, std::string_view value);

  // Who collects, in place of what the environment says (see Telemetry).
  TelemetryBuilder& collect_in_process();
  TelemetryBuilder& collect_outside();

  Expected<Telemetry> build() const;
  // The same, and it lives until the process ends by exit() or by the end of main(); then it is shut down,
  // within five seconds. It is the default one from here on, and takes the place of what was registered
  // before.
  Expected<Telemetry> build_and_register_global() const;

 private:
  enum class Collecting { kAsEnvironmentSays, kInProcess, kOutside };
  void add_problem(std::string problem);

  std::map<std::string, std::string> settings_;
  std::vector<std::pair<std::string, std::string>> resource_;
  std::vector<std::string> span_exporters_;
  std::vector<std::string> metric_exporters_;
  std::vector<std::string> log_exporters_;
  std::string problem_;  // the first; empty: none
  Collecting collecting_ = Collecting::kAsEnvironmentSays;
  std::shared_ptr<CustomSampler> custom_sampler_;
  AttributeExtractor attributes_;
  std::vector<std::shared_ptr<SpanExporter>> own_exporters_;
};

}  // namespace waybill
