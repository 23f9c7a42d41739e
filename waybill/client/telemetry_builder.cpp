#include "waybill/client/telemetry_builder.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "waybill/client/internal/telemetry_state.h"
#include "waybill/configure/environment.h"
#include "waybill/configure/setting_sources.h"
#include "waybill/configure/setting_table.h"

namespace waybill {
namespace {

// As much as the host side keeps.
constexpr std::size_t kMostBytes = 3'800;

std::string text_of(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.17g", number);
  return text;
}

// Of lists of pairs, where "," and "=" have a meaning (W3C Baggage, "Definition").
std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char letter : text) {
    const bool is_plain = std::isalnum(static_cast<unsigned char>(letter)) != 0 ||
                          std::string_view{"-._~:/"}.find(letter) != std::string_view::npos;
    if (is_plain) {
      encoded += letter;
    } else {
      char code[4];
      std::snprintf(code, sizeof code, "%%%02X", static_cast<unsigned>(static_cast<unsigned char>(letter)));
      encoded += code;
    }
  }
  return encoded;
}

std::string list_of(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::string list;
  for (const auto& [key, value] : pairs)
    list += (list.empty() ? "" : ",") + key + "=" + percent_encoded(value);
  return list;
}

std::string joined(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ",") + name;
  return list;
}

Exporter otlp(const HttpOptions& options, const char* protocol) {
  Exporter exporter{"otlp", {{"OTEL_EXPORTER_OTLP_PROTOCOL", protocol}}};
  if (!options.endpoint.empty()) exporter.settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = options.endpoint;
  if (!options.headers.empty()) exporter.settings["OTEL_EXPORTER_OTLP_HEADERS"] = list_of(options.headers);
  if (options.timeout.count() > 0)
    exporter.settings["OTEL_EXPORTER_OTLP_TIMEOUT"] = std::to_string(options.timeout.count());
  if (options.gzip) exporter.settings["OTEL_EXPORTER_OTLP_COMPRESSION"] = "gzip";
  return exporter;
}

bool is_known(std::string_view name) {
  const auto settings = configure::known_settings();
  return std::any_of(settings.begin(), settings.end(), [&](const auto& one) { return one.name == name; });
}

}  // namespace

Sampler always_on() { return {"always_on"}; }
Sampler always_off() { return {"always_off"}; }
Sampler trace_id_ratio(double ratio) { return {"traceidratio", text_of(ratio)}; }
Sampler rate_limited(double operations_per_second) { return {"ratelimited", text_of(operations_per_second)}; }
Sampler rate_limited_per_topic(double operations_per_second) {
  return {"ratelimited_per_topic", text_of(operations_per_second)};
}
Sampler adaptive(double overhead_percent) { return {"adaptive", text_of(overhead_percent)}; }
Sampler rules(std::string_view text) { return {"rules", {}, std::string{text}}; }
Sampler parent_based(Sampler root) {
  root.name = "parentbased_" + root.name;
  return root;
}

namespace {

Sampler application(std::shared_ptr<CustomSampler> custom) {
  Sampler sampler{"application"};
  sampler.custom = std::move(custom);
  return sampler;
}

}  // namespace

Sampler parent_based(std::shared_ptr<CustomSampler> root) {
  return parent_based(application(std::move(root)));
}

Propagator w3c() { return {"tracecontext"}; }
Propagator baggage() { return {"baggage"}; }
Propagator b3() { return {"b3"}; }
Propagator b3_multi() { return {"b3multi"}; }
Propagator jaeger() { return {"jaeger"}; }

Exporter otlp_http(const HttpOptions& options) { return otlp(options, "http/protobuf"); }
Exporter otlp_grpc(const HttpOptions& options) { return otlp(options, "grpc"); }
Exporter otlp_file(std::string_view path) {
  return {"otlp_file", {{"WAYBILL_OTLP_FILE", std::string{path}}}};
}
Exporter otlp_stdout() { return {"otlp/stdout"}; }
Exporter console() { return {"console"}; }
Exporter zipkin(std::string_view endpoint) {
  Exporter exporter{.name = "zipkin", .of_metrics = false, .of_logs = false};
  if (!endpoint.empty()) exporter.settings["OTEL_EXPORTER_ZIPKIN_ENDPOINT"] = endpoint;
  return exporter;
}
Exporter prometheus(std::string_view host, std::uint16_t port) {
  Exporter exporter{.name = "prometheus", .of_spans = false, .of_logs = false};
  if (!host.empty()) exporter.settings["OTEL_EXPORTER_PROMETHEUS_HOST"] = host;
  if (port != 0) exporter.settings["OTEL_EXPORTER_PROMETHEUS_PORT"] = std::to_string(port);
  return exporter;
}
Exporter otlp_kafka(std::string_view bootstrap_servers) {
  return {"kafka", {{"WAYBILL_KAFKA_CONFIG", "bootstrap.servers=" + percent_encoded(bootstrap_servers)}}};
}

TelemetryBuilder& TelemetryBuilder::service_name(std::string_view name) {
  return set("OTEL_SERVICE_NAME", name);
}

TelemetryBuilder& TelemetryBuilder::resource(std::string_view key, std::string_view value) {
  resource_.emplace_back(key, value);
  return set("OTEL_RESOURCE_ATTRIBUTES", list_of(resource_));
}

TelemetryBuilder& TelemetryBuilder::sampler(const Sampler& sampler) {
  custom_sampler_ = sampler.custom;
  set("OTEL_TRACES_SAMPLER", sampler.name);
  set("OTEL_TRACES_SAMPLER_ARG", sampler.argument);
  return set("WAYBILL_SAMPLER_RULES", sampler.rules);
}

TelemetryBuilder& TelemetryBuilder::sampler(std::shared_ptr<CustomSampler> sampler) {
  if (sampler == nullptr) add_problem("the application's sampler: there is none, only a null pointer");
  return this->sampler(application(std::move(sampler)));
}

TelemetryBuilder& TelemetryBuilder::attributes(AttributeExtractor extractor) {
  attributes_ = std::move(extractor);
  return *this;
}

TelemetryBuilder& TelemetryBuilder::propagators(std::initializer_list<Propagator> propagators) {
  std::vector<std::string> names;
  for (const Propagator& one : propagators) names.push_back(one.name);
  return set("OTEL_PROPAGATORS", names.empty() ? "none" : joined(names));
}

TelemetryBuilder& TelemetryBuilder::add_exporter(const Exporter& exporter) {
  auto add = [&](std::vector<std::string>& names, const char* variable) {
    if (std::find(names.begin(), names.end(), exporter.name) != names.end())
      return add_problem(exporter.name +
                         ": there can be one exporter of a kind; a configuration file can name more");
    names.push_back(exporter.name);
    set(variable, joined(names));
  };
  if (exporter.of_spans) add(span_exporters_, "OTEL_TRACES_EXPORTER");
  if (exporter.of_metrics) add(metric_exporters_, "OTEL_METRICS_EXPORTER");
  if (exporter.of_logs) add(log_exporters_, "OTEL_LOGS_EXPORTER");
  for (const auto& [name, value] : exporter.settings) set(name, value);
  return *this;
}

TelemetryBuilder& TelemetryBuilder::add_exporter(std::shared_ptr<SpanExporter> exporter) {
  if (exporter == nullptr) add_problem("the application's exporter: there is none, only a null pointer");
  own_exporters_.push_back(std::move(exporter));
  return span_exporters_.empty() ? set("OTEL_TRACES_EXPORTER", "none") : *this;
}

TelemetryBuilder& TelemetryBuilder::metric_export_interval(std::chrono::milliseconds interval) {
  return set("OTEL_METRIC_EXPORT_INTERVAL", std::to_string(interval.count()));
}

TelemetryBuilder& TelemetryBuilder::attribute_count_limit(std::size_t count) {
  return set("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", std::to_string(count));
}

TelemetryBuilder& TelemetryBuilder::attribute_value_length_limit(std::size_t bytes) {
  return set("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", std::to_string(bytes));
}

TelemetryBuilder& TelemetryBuilder::link_count_limit(std::size_t count) {
  return set("OTEL_SPAN_LINK_COUNT_LIMIT", std::to_string(count));
}

TelemetryBuilder& TelemetryBuilder::set(std::string_view name, std::string_view value) {
  if (!is_known(name)) add_problem(std::string{name} + ": there is no such setting");
  settings_[std::string{name}] = value;
  return *this;
}

TelemetryBuilder& TelemetryBuilder::collect_in_process() {
  collecting_ = Collecting::kInProcess;
  return *this;
}

TelemetryBuilder& TelemetryBuilder::collect_outside() {
  collecting_ = Collecting::kOutside;
  return *this;
}

void TelemetryBuilder::add_problem(std::string problem) {
  if (problem_.empty()) problem_ = std::move(problem);
}

Expected<Telemetry> TelemetryBuilder::build() const {
  if (!problem_.empty()) return Error{Error::Code::kInvalidSetting, problem_};
  std::size_t size = 0;
  configure::Environment all = configure::Environment::from_list(environ);
  for (const auto& [name, value] : settings_) {
    size += name.size() + value.size() + 2;
    all.set(name, value);
  }
  if (size > kMostBytes) {
    return Error{Error::Code::kInvalidSetting,
                 "the settings have " + std::to_string(size) + " bytes, " + std::to_string(kMostBytes) +
                     " are the most; a configuration file (OTEL_CONFIG_FILE) can hold more"};
  }
  for (const configure::Problem& problem : configure::resolve(configure::SettingSources{all, {}}).problems) {
    if (settings_.count(problem.setting) != 0) return Error{Error::Code::kInvalidSetting, describe(problem)};
  }
  const bool in_process = collecting_ == Collecting::kAsEnvironmentSays
                              ? !all.get("WAYBILL_RUNTIME_DIR").has_value()
                              : collecting_ == Collecting::kInProcess;
  if (!in_process && !own_exporters_.empty()) {
    return Error{Error::Code::kInvalidSetting,
                 "an exporter that the application wrote gets spans only where a thread of this process "
                 "collects; collect_in_process() asks for one"};
  }
  const Expected<std::shared_ptr<Telemetry::State>> state = Telemetry::State::make(
      settings_, in_process, internal::ApplicationCode{custom_sampler_, attributes_, own_exporters_});
  if (!state) return state.error();
  return Telemetry{*state};
}

namespace {

// Never destroyed: atexit() ends what it holds.
std::shared_ptr<Telemetry>& global() {
  static auto* held = new std::shared_ptr<Telemetry>;
  return *held;
}

}  // namespace

Expected<Telemetry> TelemetryBuilder::build_and_register_global() const {
  Expected<Telemetry> telemetry = build();
  if (!telemetry) return telemetry;
  telemetry->state_->core().become_default(false);
  global() = std::make_shared<Telemetry>(*telemetry);
  static const int at_exit = std::atexit([] { global()->shutdown(std::chrono::seconds{5}); });
  (void)at_exit;
  return telemetry;
}

}  // namespace waybill
