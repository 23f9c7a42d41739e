#include "waybill/configure/configuration_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>

#include "waybill/configure/testing/environment_of.h"
#include "waybill/configure/testing/parsed_file.h"

namespace waybill::configure {
namespace {

using ::testing::ElementsAre;
using testing::environment_of;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::messages;
using testing::parse;
using testing::said;

TEST(ConfigurationFileTest, ReadsAReceiverOfGrpc) {
  const ConfigurationFile file = parse(R"(
tracer_provider:
  processors:
    - batch:
        export_timeout: 7000
        exporter: {otlp_grpc: {endpoint: "collector:4317", tls: {insecure: true}}}
)");
  EXPECT_THAT(messages(file), IsEmpty());
  const Resolved resolved = resolve(file.settings);
  EXPECT_THAT(resolved.problems, IsEmpty());
  EXPECT_EQ(resolved.settings.otlp_protocol, OtlpProtocol::kGrpc);
  EXPECT_THAT(resolved.settings.otlp_traces.endpoint, HasSubstr("http://collector:4317/"));
  EXPECT_EQ(resolved.settings.batch.export_timeout, std::chrono::seconds{7});
}

TEST(ConfigurationFileTest, ReadsEveryPartThatSettingsHave) {
  const ConfigurationFile file = parse(R"(
disabled: false
log_level: warn2
attribute_limits: {attribute_value_length_limit: 100, attribute_count_limit: 64}
resource:
  attributes:
    - {name: service.name, value: "orders, and more"}
  attributes_list: "service.name=other,team=a%2Cb"
propagator:
  composite: [{tracecontext: }, {baggage: {}}]
  composite_list: baggage,tracecontext
tracer_provider:
  processors:
    - batch:
        schedule_delay: 100
        max_queue_size: 1000
        max_export_batch_size: 10
        exporter:
          otlp_http:
            endpoint: http://collector:4318/v1/traces
            compression: gzip
            timeout: 500
            encoding: protobuf
            headers: [{name: api-key, value: "a=b, c"}, {name: other, value: }]
            headers_list: "api-key=no,tenant=7"
    - batch: {schedule_delay: 100, max_queue_size: 1000, max_export_batch_size: 10, exporter: {console: }}
  limits:
    {attribute_count_limit: 5, attribute_value_length_limit: 6, link_count_limit: 7,
     link_attribute_count_limit: 8, event_count_limit: 9, event_attribute_count_limit: 10}
  sampler: {parent_based: {root: {trace_id_ratio_based: {ratio: 0.25}}, local_parent_sampled: {always_on: }}}
meter_provider:
  readers:
    - periodic:
        interval: 1000
        timeout: 900
        exporter:
          otlp_http:
            endpoint: http://collector:4318/v1/metrics
            compression: gzip
            timeout: 600
            encoding: json
            headers: [{name: tenant, value: "7"}]
            tls: {ca_file: /ca, cert_file: /certificate, key_file: /key}
            temporality_preference: low_memory
            default_histogram_aggregation: explicit_bucket_histogram
    - pull: {exporter: {prometheus/development: {host: 127.0.0.1, port: 0}}}
  exemplar_filter: always_off
distribution:
  another_vendor: {anything: [1, 2]}
  waybill: {inject: sampled, capture_key: false}
)");
  EXPECT_THAT(messages(file), IsEmpty());
  const std::map<std::string, std::string, std::less<>> expected{
      {"OTEL_SDK_DISABLED", "false"},
      {"OTEL_LOG_LEVEL", "warn"},
      {"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "100"},
      {"OTEL_ATTRIBUTE_COUNT_LIMIT", "64"},
      {"OTEL_RESOURCE_ATTRIBUTES", "service.name=orders%2C%20and%20more,team=a%2Cb"},
      {"OTEL_PROPAGATORS", "tracecontext,baggage"},
      {"OTEL_TRACES_EXPORTER", "otlp,console"},
      {"OTEL_BSP_SCHEDULE_DELAY", "100"},
      {"OTEL_BSP_MAX_QUEUE_SIZE", "1000"},
      {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "10"},
      {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://collector:4318/v1/traces"},
      {"OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "gzip"},
      {"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "500"},
      {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf"},
      {"OTEL_EXPORTER_OTLP_TRACES_HEADERS", "api-key=a%3Db%2C%20c,tenant=7"},
      {"OTEL_METRICS_EXPORTER", "otlp,prometheus"},
      {"OTEL_METRIC_EXPORT_INTERVAL", "1000"},
      {"OTEL_METRIC_EXPORT_TIMEOUT", "900"},
      {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://collector:4318/v1/metrics"},
      {"OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "gzip"},
      {"OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", "600"},
      {"OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "http/json"},
      {"OTEL_EXPORTER_OTLP_METRICS_HEADERS", "tenant=7"},
      {"OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE", "/ca"},
      {"OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE", "/certificate"},
      {"OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY", "/key"},
      {"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "lowmemory"},
      {"OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", "explicit_bucket_histogram"},
      {"OTEL_EXPORTER_PROMETHEUS_HOST", "127.0.0.1"},
      {"OTEL_EXPORTER_PROMETHEUS_PORT", "0"},
      {"OTEL_METRICS_EXEMPLAR_FILTER", "always_off"},
      {"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "5"},
      {"OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "6"},
      {"OTEL_SPAN_LINK_COUNT_LIMIT", "7"},
      {"OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "8"},
      {"OTEL_LOGS_EXPORTER", "none"},
      {"OTEL_SPAN_EVENT_COUNT_LIMIT", "9"},
      {"OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "10"},
      {"OTEL_TRACES_SAMPLER", "parentbased_traceidratio"},
      {"OTEL_TRACES_SAMPLER_ARG", "0.25"},
      {"WAYBILL_SAMPLER_PARENTS", "local_parent_sampled=always_on"},
      {"WAYBILL_INJECT", "sampled"},
      {"WAYBILL_CAPTURE_KEY", "false"},
  };
  EXPECT_EQ(file.settings.variables(), expected);
  EXPECT_THAT(resolve(file.settings).problems, IsEmpty());
}

TEST(ConfigurationFileTest, TakesWhatIsLeftOutAsTheSpecificationDoes) {
  EXPECT_EQ(said("", "OTEL_TRACES_EXPORTER"), "none");
  EXPECT_EQ(said("", "OTEL_METRICS_EXPORTER"), "none");
  EXPECT_EQ(said("", "OTEL_LOGS_EXPORTER"), "none");
  EXPECT_EQ(said("", "OTEL_PROPAGATORS"), "none");
  EXPECT_EQ(said("propagator: {composite: []}", "OTEL_PROPAGATORS"), "none");
  EXPECT_EQ(
      said("tracer_provider: {processors: [simple: {exporter: {console: }}]}", "OTEL_BSP_SCHEDULE_DELAY"),
      "0");
  EXPECT_EQ(said("tracer_provider: {processors: [], sampler: {parent_based: }}", "OTEL_TRACES_SAMPLER"),
            "parentbased_always_on");
}

TEST(ConfigurationFileTest, KnowsTheSamplers) {
  const std::pair<const char*, const char*> samplers[] = {
      {"always_on: {}", "always_on"},
      {"always_off: ", "always_off"},
      {"trace_id_ratio_based: ", "traceidratio"},
      {"parent_based: {root: {always_off: }}", "parentbased_always_off"},
      {"parent_based: {root: }", "parentbased_always_on"},
      {"rules: ", "rules"},
      {"parent_based: {root: {adaptive: {overhead_budget: 0.5}}}", "parentbased_adaptive"},
      {"parent_based: {root: {rules: }}", "parentbased_rules"},
      {"ratelimited_per_topic: {per_second: 5}", "ratelimited_per_topic"},
  };
  for (const auto& [text, name] : samplers)
    EXPECT_EQ(said("tracer_provider: {processors: [], sampler: {" + std::string{text} + "}}",
                   "OTEL_TRACES_SAMPLER"),
              name);
}

TEST(ConfigurationFileTest, ReadsWhereLinesOfOtlpGo) {
  const auto with = [](const std::string& stream) {
    return "tracer_provider: {processors: [{batch: {exporter: {otlp_file/development: " + stream + "}}}]}";
  };
  EXPECT_EQ(said(with(""), "OTEL_TRACES_EXPORTER"), "otlp/stdout");
  EXPECT_EQ(said(with("{output_stream: stdout}"), "OTEL_TRACES_EXPORTER"), "otlp/stdout");
  EXPECT_EQ(said(with("{output_stream: 'file:///var/log/a.jsonl'}"), "OTEL_TRACES_EXPORTER"), "otlp_file");
  EXPECT_EQ(said(with("{output_stream: 'file:///var/log/a.jsonl'}"), "WAYBILL_OTLP_FILE"),
            "/var/log/a.jsonl");
}

TEST(ConfigurationFileTest, KeepsApartASecondExporterOfOneKindAndOneThatWaitsInItsOwnWay) {
  const ConfigurationFile file = parse(R"(
tracer_provider:
  processors:
    - batch: {exporter: {otlp_http: {endpoint: "http://one", headers: [{name: key, value: secret}]}}}
    - batch: {exporter: {otlp_http: {endpoint: "http://two"}}}
    - simple: {exporter: {console: }}
    - batch: {exporter: {zipkin: }}
)");
  EXPECT_THAT(messages(file), IsEmpty());
  EXPECT_EQ(file.settings.get("OTEL_TRACES_EXPORTER"), "otlp,zipkin");
  EXPECT_EQ(file.settings.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"), "http://one");
  ASSERT_EQ(file.more_exporters.size(), 2U);
  EXPECT_EQ(file.more_exporters[0].settings,
            environment_of({"OTEL_TRACES_EXPORTER=otlp", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://two"}));
  EXPECT_EQ(file.more_exporters[1].settings,
            environment_of({"OTEL_TRACES_EXPORTER=console", "OTEL_BSP_SCHEDULE_DELAY=0"}));
  EXPECT_EQ(file.more_exporters[1].said.at("OTEL_TRACES_EXPORTER").position.line, 7);
}

TEST(ConfigurationFileTest, HasASamplerForEachKindOfParent) {
  const std::string text =
      "tracer_provider: {processors: [], sampler: {parent_based: {root: {ratelimited: {per_second: 5}}, "
      "remote_parent_sampled: {trace_id_ratio_based: {ratio: 0.5}}, local_parent_not_sampled: {always_on: }, "
      "local_parent_sampled: }}}";
  EXPECT_EQ(said(text, "OTEL_TRACES_SAMPLER"), "parentbased_ratelimited");
  EXPECT_EQ(said(text, "OTEL_TRACES_SAMPLER_ARG"), "5");
  EXPECT_EQ(said(text, "WAYBILL_SAMPLER_PARENTS"),
            "remote_parent_sampled=traceidratio=0.5;local_parent_not_sampled=always_on");
}

TEST(ConfigurationFileTest, TakesRulesAsAList) {
  EXPECT_EQ(said("distribution: {waybill: {sampler_rules: [\"topic=a,operation=send:always_on\", "
                 "\"*:traceidratio=0.1\"]}}",
                 "WAYBILL_SAMPLER_RULES"),
            "topic=a,operation=send:always_on;*:traceidratio=0.1");
  EXPECT_EQ(said("distribution: {waybill: {topics_exclude: [audit, \"log.*\"]}}", "WAYBILL_TOPICS_EXCLUDE"),
            "audit,log.*");
}

// Every line is one thing that the settings cannot express, and what is said to it.
TEST(ConfigurationFileTest, IgnoresNothingInSilence) {
  const std::pair<const char*, const char*> cases[] = {
      {"instrumentation/development: {}",
       "f:2:30: instrumentation/development: it is not supported; it is ignored"},
      {"meter_provider: {}", "meter_provider: its readers are missing"},
      {"meter_provider: {readers: [{fast: }]}", "readers[0].fast: this reader is not supported"},
      {"meter_provider: {readers: [{periodic: }]}", "readers[0].periodic: its exporter is missing"},
      {"meter_provider: {readers: [{periodic: {exporter: {prometheus/development: }}}]}",
       "exporter.prometheus/development: this exporter is not supported"},
      {"meter_provider: {readers: [{pull: {exporter: {prometheus/development: {translation_strategy: x}}}}]}",
       "translation_strategy: it is not supported"},
      {"meter_provider: {readers: [], views: [{selector: }]}",
       "f:2:38: meter_provider.views: it is not supported"},
      {"unknown: 1", "f:2:10: unknown: there is no such property"},
      {"disabled: [true]", "disabled: true or false is expected, but this is a list"},
      {"disabled: 1", "disabled: true or false is expected, but this is something else"},
      {"resource: 1", "resource: a mapping is expected, but this is a single value"},
      {"resource: {attributes: {a: b}}", "resource.attributes: a list is expected, but this is a mapping"},
      {"resource: {attributes: [{name: a, value: 1, type: int}]}", "type: \"int\" is not supported"},
      {"resource: {attributes: [{name: a, value: [1, 2]}]}",
       "attributes[0].value: a text is expected, but this is a list"},
      {"resource: {attributes: [{name: a}]}", "attributes[0]: a name and a value are expected"},
      {"resource: {attributes_list: \"a=%zz\"}", "attributes_list: this is not a list key=value"},
      {"resource: {schema_url: x}", "schema_url: it is not supported"},
      {"propagator: {composite: [{b3: , baggage: }]}", "composite[0]: one key is expected, but there are 2"},
      {"propagator: {composite: [tracecontext]}", "composite[0]: a mapping is expected"},
      {"propagator: {composite: [{tracecontext: {a: 1}}]}", "tracecontext.a: there is no such property"},
      {"tracer_provider: {}", "tracer_provider: its processors are missing"},
      {"tracer_provider: {processors: [{fast: }]}", "processors[0].fast: this processor is not supported"},
      {"tracer_provider: {processors: [{batch: }]}", "processors[0].batch: its exporter is missing"},
      {"tracer_provider: {processors: [{batch: {exporter: {kafka: }}}]}",
       "exporter.kafka: this exporter is not supported"},
      {"tracer_provider: {processors: [{batch: {exporter: {otlp_file/development: {output_stream: "
       "relative.jsonl}}}}]}",
       "output_stream: \"relative.jsonl\" is neither stdout nor file:///…"},
      {"tracer_provider: {processors: [], sampler: {jaeger_remote/development: }}",
       "this sampler is not supported"},
      {"tracer_provider: {processors: [], sampler: {parent_based: {root: {parent_based: }}}}",
       "root.parent_based: this sampler is not supported"},
      {"tracer_provider: {processors: [], sampler: {parent_based: {remote_parent_sampled: {composite: }}}}",
       "remote_parent_sampled.composite: this sampler is not supported"},
      {"tracer_provider: {processors: [], sampler: {trace_id_ratio_based: {ratio: half}}}",
       "ratio: a number is expected"},
      {"distribution: {waybill: {nonsense: 1}}", "waybill.nonsense: there is no such setting"},
      {"distribution: {waybill: {segment_size: 1MiB}}", "set WAYBILL_SEGMENT_SIZE"},
      {"distribution: {waybill: {inject: {a: b}}}",
       "waybill.inject: a text is expected, but this is a mapping"},
      {"disabled: true\ndisabled: false", "f:3:1: disabled: the key stands in line 2 too"},
  };
  for (const auto& [text, message] : cases) {
    const ConfigurationFile file = parse(text);
    EXPECT_TRUE(file.usable) << text;
    EXPECT_THAT(messages(file), ElementsAre(HasSubstr(message))) << text;
  }
}

TEST(ConfigurationFileTest, SaysWhichVersionsItDoesNotKnow) {
  const auto read = [](const std::string& text) {
    return parse_configuration_file(text + "\ndisabled: true", {});
  };
  for (const char* known : {"file_format: \"1.0\"", "file_format: 1.0", "file_format: 1.0-rc.2"})
    EXPECT_THAT(messages(read(known)), IsEmpty()) << known;
  EXPECT_THAT(messages(read("file_format: \"0.4\"")), ElementsAre(HasSubstr("is not version 1")));
  EXPECT_THAT(messages(read("file_format: \"1.1\"")), ElementsAre(HasSubstr("is not 1.0")));
  EXPECT_THAT(messages(read("")),
              ElementsAre("f:1:1: file_format: it is missing; the file is read as if it were 1.0"));
  EXPECT_EQ(read("").settings.get("OTEL_SDK_DISABLED"), "true");
}

TEST(ConfigurationFileTest, NeverShowsAHeadersValue) {
  const ConfigurationFile file = parse(
      "tracer_provider: {processors: [{batch: {exporter: {otlp_http: {headers: [{name: a, value: [hunter2]}, "
      "{name: \"\", value: hunter2}], headers_list: hunter2}}}}]}");
  EXPECT_EQ(file.problems.size(), 3U);
  for (const std::string& message : messages(file))
    EXPECT_EQ(message.find("hunter2"), std::string::npos) << message;
}

}  // namespace
}  // namespace waybill::configure
