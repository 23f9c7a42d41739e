// bench-peer: the same producer with the official OpenTelemetry C++ SDK by hand, as its documentation shows
// it: a span for each message, its context in a header, ended in the delivery report; batch processor,
// OTLP/HTTP.

#include <opentelemetry/exporters/otlp/otlp_http_exporter_factory.h>
#include <opentelemetry/exporters/otlp/otlp_http_exporter_options.h>
#include <opentelemetry/sdk/common/global_log_handler.h>
#include <opentelemetry/sdk/resource/resource.h>
#include <opentelemetry/sdk/trace/batch_span_processor_factory.h>
#include <opentelemetry/sdk/trace/batch_span_processor_options.h>
#include <opentelemetry/sdk/trace/tracer_provider_factory.h>
#include <opentelemetry/trace/span.h>
#include <opentelemetry/trace/span_startoptions.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "bench/client/options.h"
#include "bench/client/produce.h"

namespace {

namespace trace = opentelemetry::trace;
namespace otlp = opentelemetry::exporter::otlp;
namespace sdk = opentelemetry::sdk;
using SpanHandle = opentelemetry::nostd::shared_ptr<trace::Span>;

opentelemetry::nostd::shared_ptr<trace::Tracer> tracer;

std::string traceparent_of(const trace::SpanContext& context) {
  char text[55];
  text[0] = '0';
  text[1] = '0';
  text[2] = text[35] = text[52] = '-';
  context.trace_id().ToLowerBase16(opentelemetry::nostd::span<char, 32>{text + 3, 32});
  context.span_id().ToLowerBase16(opentelemetry::nostd::span<char, 16>{text + 36, 16});
  context.trace_flags().ToLowerBase16(opentelemetry::nostd::span<char, 2>{text + 53, 2});
  return {text, sizeof text};
}

int produce_with_span(rd_kafka_t* producer, rd_kafka_topic_t* topic, std::string& value) {
  trace::StartSpanOptions options;
  options.kind = trace::SpanKind::kProducer;
  const char* name = rd_kafka_topic_name(topic);
  SpanHandle span = tracer->StartSpan(std::string{"send "} + name,
                                      {{"messaging.system", "kafka"},
                                       {"messaging.operation.name", "send"},
                                       {"messaging.operation.type", "send"},
                                       {"messaging.destination.name", name}},
                                      options);
  const std::string traceparent = traceparent_of(span->GetContext());
  auto handle = std::make_unique<SpanHandle>(std::move(span));
  const rd_kafka_resp_err_t error = rd_kafka_producev(
      producer, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
      RD_KAFKA_V_VALUE(value.data(), value.size()),
      RD_KAFKA_V_HEADER("traceparent", traceparent.data(), traceparent.size()),
      RD_KAFKA_V_OPAQUE(handle.get()), RD_KAFKA_V_END);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    (*handle)->SetStatus(trace::StatusCode::kError, rd_kafka_err2str(error));
    (*handle)->End();
    return -1;
  }
  (void)handle.release();  // the delivery report's
  return 0;
}

void end_span(const rd_kafka_message_t* message) {
  const std::unique_ptr<SpanHandle> handle{static_cast<SpanHandle*>(message->_private)};
  trace::Span& span = **handle;
  span.SetAttribute("messaging.destination.partition.id", std::to_string(message->partition));
  span.SetAttribute("messaging.kafka.offset", message->offset);
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    span.SetAttribute("error.type", rd_kafka_err2name(message->err));
    span.SetStatus(trace::StatusCode::kError, rd_kafka_err2str(message->err));
  }
  span.End();
}

}  // namespace

int main(int count, char** values) {
  waybill::bench::Options options;
  CLI::App app{"The official SDK by hand around the same producer."};
  app.add_option("--messages", options.messages);
  app.add_option("--rate", options.rate);
  app.add_option("--brokers", options.brokers);
  app.add_option("--topic", options.topic);
  app.add_flag("--latency", options.latency);
  app.add_subcommand("produce")->fallthrough();
  CLI11_PARSE(app, count, values);

  // It warns once for each span that it drops, which would be what is measured.
  sdk::common::internal_log::GlobalLogHandler::SetLogLevel(sdk::common::internal_log::LogLevel::Error);
  otlp::OtlpHttpExporterOptions exporter;
  exporter.url = std::string{std::getenv("OTEL_EXPORTER_OTLP_ENDPOINT")} + "/v1/traces";
  exporter.content_type = otlp::HttpRequestContentType::kBinary;
  auto provider = sdk::trace::TracerProviderFactory::Create(
      sdk::trace::BatchSpanProcessorFactory::Create(otlp::OtlpHttpExporterFactory::Create(exporter),
                                                    sdk::trace::BatchSpanProcessorOptions{}),
      sdk::resource::Resource::Create({{"service.name", "bench-peer"}}));
  tracer = provider->GetTracer("bench-peer");
  const auto figures = waybill::bench::produce(options, {produce_with_span, end_span});
  std::puts(figures.dump().c_str());
  std::fflush(stdout);
  provider->ForceFlush(std::chrono::seconds{30});
  tracer = {};
  return 0;
}
