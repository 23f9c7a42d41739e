#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>

#include "waybill/configure/resolve.h"

// Where spans go, and how they wait.
namespace waybill::configure {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using namespace std::chrono_literals;

Resolved resolved(std::initializer_list<std::string_view> variables) {
  Environment environment;
  for (const std::string_view variable : variables) environment.set(variable);
  return resolve(environment);
}

Settings settings_of(std::initializer_list<std::string_view> variables) {
  Resolved result = resolved(variables);
  for (const Problem& problem : result.problems) ADD_FAILURE() << problem.setting << ": " << problem.message;
  return result.settings;
}

Problem problem_of(std::initializer_list<std::string_view> variables) {
  Resolved result = resolved(variables);
  EXPECT_EQ(result.problems.size(), 1U);
  return result.problems.empty() ? Problem{} : result.problems.front();
}

std::string endpoint(std::initializer_list<std::string_view> variables) {
  return settings_of(variables).otlp_traces.endpoint;
}

TEST(ResolveExportTest, KnowsTheExporters) {
  EXPECT_THAT(settings_of({"OTEL_TRACES_EXPORTER=otlp"}).traces_exporters, ElementsAre(ExporterKind::kOtlp));
  EXPECT_THAT(settings_of({"OTEL_TRACES_EXPORTER=zipkin"}).traces_exporters,
              ElementsAre(ExporterKind::kZipkin));
  EXPECT_THAT(settings_of({"OTEL_TRACES_EXPORTER=console"}).traces_exporters,
              ElementsAre(ExporterKind::kConsole));
  EXPECT_THAT(settings_of({"OTEL_TRACES_EXPORTER=logging"}).traces_exporters,
              ElementsAre(ExporterKind::kConsole));
  EXPECT_THAT(settings_of({"OTEL_TRACES_EXPORTER=None"}).traces_exporters, IsEmpty());
}

TEST(ResolveExportTest, ReadsAListOfExportersEachOnce) {
  EXPECT_THAT(settings_of({"OTEL_TRACES_EXPORTER= console ,otlp,, console"}).traces_exporters,
              ElementsAre(ExporterKind::kOtlp, ExporterKind::kConsole));
}

TEST(ResolveExportTest, SkipsAnUnknownExporter) {
  EXPECT_THAT(resolved({"OTEL_TRACES_EXPORTER=jaeger,console"}).settings.traces_exporters,
              ElementsAre(ExporterKind::kConsole));
  EXPECT_THAT(problem_of({"OTEL_TRACES_EXPORTER=jaeger,console"}).message,
              AllOf(HasSubstr("\"jaeger\""),
                    HasSubstr("otlp, otlp/stdout, otlp_file, kafka, zipkin, console and none"),
                    HasSubstr("skipped")));
  EXPECT_THAT(resolved({"OTEL_TRACES_EXPORTER=jaeger"}).settings.traces_exporters, IsEmpty());
  EXPECT_THAT(problem_of({"OTEL_TRACES_EXPORTER=jaeger"}).message, HasSubstr("no span is exported"));
}

TEST(ResolveExportTest, SaysWhenNoneStandsBesideAnExporter) {
  EXPECT_THAT(resolved({"OTEL_TRACES_EXPORTER=none,otlp"}).settings.traces_exporters,
              ElementsAre(ExporterKind::kOtlp));
  EXPECT_THAT(problem_of({"OTEL_TRACES_EXPORTER=none,otlp"}).message, HasSubstr("\"none\""));
}

TEST(ResolveExportTest, ReadsWhereOtlpLinesGo) {
  EXPECT_THAT(settings_of({"OTEL_TRACES_EXPORTER=otlp/stdout"}).traces_exporters,
              ElementsAre(ExporterKind::kOtlpStdout));
  const Settings settings =
      settings_of({"OTEL_TRACES_EXPORTER=otlp_file", "WAYBILL_OTLP_FILE=/var/log/spans.jsonl"});
  EXPECT_THAT(settings.traces_exporters, ElementsAre(ExporterKind::kOtlpFile));
  EXPECT_EQ(settings.otlp_file, "/var/log/spans.jsonl");
}

TEST(ResolveExportTest, SkipsTheFileExporterWithoutAWholePath) {
  EXPECT_THAT(resolved({"OTEL_TRACES_EXPORTER=otlp_file,otlp"}).settings.traces_exporters,
              ElementsAre(ExporterKind::kOtlp));
  EXPECT_THAT(problem_of({"OTEL_TRACES_EXPORTER=otlp_file"}).message, HasSubstr("needs WAYBILL_OTLP_FILE"));
  EXPECT_THAT(problem_of({"WAYBILL_OTLP_FILE=spans.jsonl"}).message, HasSubstr("does not begin with /"));
}

TEST(ResolveExportTest, UsesZipkinsEndpointAsItIs) {
  const HttpSettings zipkin = settings_of({"OTEL_EXPORTER_ZIPKIN_ENDPOINT=http://zipkin:9411/api/v2/spans",
                                           "OTEL_EXPORTER_ZIPKIN_TIMEOUT=500"})
                                  .zipkin;
  EXPECT_EQ(zipkin.endpoint, "http://zipkin:9411/api/v2/spans");
  EXPECT_EQ(zipkin.timeout, 500ms);
  EXPECT_THAT(problem_of({"OTEL_EXPORTER_ZIPKIN_ENDPOINT=zipkin:9411"}).message,
              HasSubstr("http://localhost:9411/api/v2/spans is used"));
  EXPECT_THAT(problem_of({"OTEL_EXPORTER_ZIPKIN_TIMEOUT=0"}).message, HasSubstr("10000 is used"));
}

TEST(ResolveExportTest, AddsTheTracesPathToTheGeneralEndpoint) {
  EXPECT_EQ(endpoint({}), "http://localhost:4318/v1/traces");
  EXPECT_EQ(endpoint({"OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318"}),
            "http://collector:4318/v1/traces");
  EXPECT_EQ(endpoint({"OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318/"}),
            "http://collector:4318/v1/traces");
  EXPECT_EQ(endpoint({"OTEL_EXPORTER_OTLP_ENDPOINT=https://host/otlp"}), "https://host/otlp/v1/traces");
  EXPECT_EQ(endpoint({"OTEL_EXPORTER_OTLP_ENDPOINT=https://host/otlp/"}), "https://host/otlp/v1/traces");
}

TEST(ResolveExportTest, UsesTheTracesEndpointAsItIs) {
  const auto own = [](const std::string& url) {
    return endpoint({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=" + url});
  };
  EXPECT_EQ(own("https://host/custom"), "https://host/custom");
  EXPECT_EQ(own("https://host/custom/"), "https://host/custom/");
  EXPECT_EQ(own("http://collector:4318"), "http://collector:4318/");
  EXPECT_EQ(own("http://collector:4318/"), "http://collector:4318/");
}

TEST(ResolveExportTest, LetsTheTracesEndpointWin) {
  EXPECT_EQ(
      endpoint({"OTEL_EXPORTER_OTLP_ENDPOINT=http://a", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://b/x"}),
      "http://b/x");
  EXPECT_EQ(endpoint({"OTEL_EXPORTER_OTLP_ENDPOINT=http://a", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT="}),
            "http://a/v1/traces");
}

TEST(ResolveExportTest, AcceptsEveryKindOfHost) {
  for (const std::string url : {"http://[::1]:4318/", "https://[2001:db8::1]/",
                                "http://user:password@host:1/", "http://10.0.0.1:65535/"})
    EXPECT_EQ(endpoint({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=" + url}), url);
}

TEST(ResolveExportTest, RefusesAnEndpointThatIsNoUrlWithAHost) {
  for (const std::string url :
       {"localhost:4318", "ftp://host", "http://", "http:///v1/traces", "http://:4318", "http://host:port",
        "http://host:", "http://host:0", "http://host:65536", "http://?x", "http://[]:1", "http://[::1",
        "http://a b"}) {
    EXPECT_EQ(resolved({"OTEL_EXPORTER_OTLP_ENDPOINT=" + url}).settings, Settings{}) << url;
    EXPECT_THAT(problem_of({"OTEL_EXPORTER_OTLP_ENDPOINT=" + url}).message,
                AllOf(HasSubstr("\"" + url + "\""), HasSubstr("http://localhost:4318 is used")));
  }
  EXPECT_EQ(problem_of({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=host"}).setting,
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
}

TEST(ResolveExportTest, NeverShowsAPasswordThatStandsInAUrl) {
  for (const std::string url : {"ftp://user:secret@host", "user:secret@host", "http://user:secret@:1"})
    EXPECT_THAT(problem_of({"OTEL_EXPORTER_OTLP_ENDPOINT=" + url}).message, Not(HasSubstr("secret")));
}

TEST(ResolveExportTest, TrimsAndDecodesHeaders) {
  EXPECT_THAT(settings_of({"OTEL_EXPORTER_OTLP_HEADERS= api-key = a%20b ,x=1=2"}).otlp_traces.headers,
              ElementsAre(Pair("api-key", "a b"), Pair("x", "1=2")));
}

TEST(ResolveExportTest, LetsTheTracesHeadersWin) {
  EXPECT_THAT(settings_of({"OTEL_EXPORTER_OTLP_HEADERS=a=1", "OTEL_EXPORTER_OTLP_TRACES_HEADERS=b=2"})
                  .otlp_traces.headers,
              ElementsAre(Pair("b", "2")));
}

TEST(ResolveExportTest, IgnoresMalformedHeadersAndNeverShowsThem) {
  for (const std::string text : {"key=secret,wrong", "key=secret%zz", "=secret", "a b=secret",
                                 "k%0aey=secret", "key=secret%0d%0aHost:%20x", "key=secret%00"}) {
    for (const std::string name : {"OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"}) {
      const std::string line = name + "=" + text;
      EXPECT_EQ(resolved({line}).settings, Settings{}) << text;
      EXPECT_EQ(problem_of({line}).setting, name);
      EXPECT_THAT(problem_of({line}).message, Not(HasSubstr("secret")));
    }
  }
}

TEST(ResolveExportTest, ReadsTheTimeoutAsMilliseconds) {
  EXPECT_EQ(settings_of({}).otlp_traces.timeout, 10s);
  EXPECT_EQ(settings_of({"OTEL_EXPORTER_OTLP_TIMEOUT=2500"}).otlp_traces.timeout, 2500ms);
  EXPECT_EQ(settings_of({"OTEL_EXPORTER_OTLP_TIMEOUT=1", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT=7"})
                .otlp_traces.timeout,
            7ms);
}

TEST(ResolveExportTest, UsesTheDefaultForAWrongTimeout) {
  for (const char* text :
       {"OTEL_EXPORTER_OTLP_TIMEOUT=10s", "OTEL_EXPORTER_OTLP_TIMEOUT=0", "OTEL_EXPORTER_OTLP_TIMEOUT=-1",
        "OTEL_EXPORTER_OTLP_TIMEOUT=99999999999999999999"}) {
    EXPECT_EQ(resolved({text}).settings, Settings{}) << text;
    EXPECT_THAT(problem_of({text}).message, HasSubstr("from 1 to 3600000; 10000 is used"));
  }
}

TEST(ResolveExportTest, ReadsTheCompression) {
  EXPECT_EQ(settings_of({"OTEL_EXPORTER_OTLP_COMPRESSION=gzip"}).otlp_traces.compression, Compression::kGzip);
  EXPECT_EQ(settings_of({"OTEL_EXPORTER_OTLP_COMPRESSION=gzip", "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION=none"})
                .otlp_traces.compression,
            Compression::kNone);
  EXPECT_THAT(problem_of({"OTEL_EXPORTER_OTLP_COMPRESSION=zstd"}).message,
              HasSubstr("none, gzip; none is used"));
}

TEST(ResolveExportTest, KnowsTheProtocolsAndUsesProtobufForOthers) {
  EXPECT_EQ(settings_of({"OTEL_EXPORTER_OTLP_PROTOCOL=http/json"}).otlp_protocol, OtlpProtocol::kHttpJson);
  EXPECT_EQ(settings_of(
                {"OTEL_EXPORTER_OTLP_PROTOCOL=http/json", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/protobuf"})
                .otlp_protocol,
            OtlpProtocol::kHttpProtobuf);
  EXPECT_EQ(settings_of({"OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"}), Settings{});
  for (const std::string name : {"OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"}) {
    EXPECT_EQ(settings_of({name + "=grpc"}).otlp_protocol, OtlpProtocol::kGrpc);
    EXPECT_EQ(resolved({name + "=thrift"}).settings, Settings{});
    EXPECT_THAT(problem_of({name + "=thrift"}).message,
                AllOf(HasSubstr("http/protobuf, http/json, grpc"), HasSubstr("http/protobuf is used")));
  }
}

std::string grpc_endpoint(const std::string& text, const std::string& more = "WAYBILL_ENABLED=true") {
  return endpoint({"OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "OTEL_EXPORTER_OTLP_ENDPOINT=" + text, more});
}

TEST(ResolveExportTest, NamesAMethodInPlaceOfThePathForGrpc) {
  const std::string method = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
  EXPECT_EQ(grpc_endpoint(""), "http://localhost:4317" + method);
  EXPECT_EQ(grpc_endpoint("http://collector:4317"), "http://collector:4317" + method);
  EXPECT_EQ(grpc_endpoint("https://collector:4317/"), "https://collector:4317" + method);
  EXPECT_EQ(grpc_endpoint("http://collector:4317/v1/traces?x=y"), "http://collector:4317" + method);
  EXPECT_EQ(endpoint({"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=grpc", "OTEL_EXPORTER_OTLP_ENDPOINT=http://one:1",
                      "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://two:2"}),
            "http://two:2" + method);
}

TEST(ResolveExportTest, SpeaksTlsToAGrpcReceiverWithoutASchemeUnlessToldOtherwise) {
  const auto begins = [](const std::string& text, const std::string& more) {
    return grpc_endpoint(text, more).substr(0, 24);
  };
  EXPECT_EQ(begins("collector:4317", "WAYBILL_ENABLED=true"), "https://collector:4317/o");
  EXPECT_EQ(begins("[::1]:4317", "WAYBILL_ENABLED=true"), "https://[::1]:4317/opent");
  EXPECT_EQ(begins("collector:4317", "OTEL_EXPORTER_OTLP_INSECURE=true"), "http://collector:4317/op");
  EXPECT_EQ(begins("collector:4317", "OTEL_EXPORTER_OTLP_TRACES_INSECURE=true"), "http://collector:4317/op");
  EXPECT_EQ(begins("https://collector:4317", "OTEL_EXPORTER_OTLP_INSECURE=true"), "https://collector:4317/o");
  for (const char* wrong : {"unix:///socket", "collector:port", "://", ":4317"}) {
    EXPECT_THAT(
        problem_of({"OTEL_EXPORTER_OTLP_PROTOCOL=grpc", std::string{"OTEL_EXPORTER_OTLP_ENDPOINT="} + wrong})
            .message,
        HasSubstr("http://localhost:4317 is used"));
  }
}

TEST(ResolveExportTest, SendsToKafkaWhereItsBrokersAreNamed) {
  const Settings settings = settings_of({"OTEL_TRACES_EXPORTER=kafka", "WAYBILL_KAFKA_TOPIC_TRACES=spans",
                                         "WAYBILL_KAFKA_CONFIG=bootstrap.servers=a:1%2Cb:2,client.id=x"});
  EXPECT_THAT(settings.traces_exporters, ElementsAre(ExporterKind::kKafka));
  EXPECT_EQ(settings.kafka, (KafkaSettings{{{"bootstrap.servers", "a:1,b:2"}, {"client.id", "x"}}, "spans"}));
  EXPECT_THAT(resolved({"OTEL_TRACES_EXPORTER=kafka,console"}).settings.traces_exporters,
              ElementsAre(ExporterKind::kConsole));
  EXPECT_THAT(problem_of({"OTEL_TRACES_EXPORTER=kafka"}).message, HasSubstr("WAYBILL_KAFKA_CONFIG"));
}

TEST(ResolveExportTest, NeverShowsAPropertyOfKafka) {
  const Problem problem = problem_of({"WAYBILL_KAFKA_CONFIG=sasl.password=hidden,nothing"});
  EXPECT_EQ(problem.message.find("hidden"), std::string::npos) << problem.message;
}

TEST(ResolveExportTest, UsesTheDefaultForATopicThatCannotBeOne) {
  for (const char* name : {"a b", "a/b", "..", "\xc3\xa4"}) {
    EXPECT_THAT(problem_of({std::string{"WAYBILL_KAFKA_TOPIC_TRACES="} + name}).message,
                HasSubstr("otlp_spans is used"));
  }
}

TEST(ResolveExportTest, ReadsTheBatchSettings) {
  const BatchSettings batch =
      settings_of({"OTEL_BSP_SCHEDULE_DELAY=5000", "OTEL_BSP_MAX_QUEUE_SIZE=2048",
                   "OTEL_BSP_MAX_EXPORT_BATCH_SIZE=512", "OTEL_BSP_EXPORT_TIMEOUT=7000"})
          .batch;
  EXPECT_EQ(batch, (BatchSettings{5s, 2048, 512, 7s}));
  EXPECT_EQ(settings_of({"OTEL_BSP_EXPORT_TIMEOUT=0"}).batch.export_timeout, 0ms);
  EXPECT_EQ(settings_of({"OTEL_BSP_SCHEDULE_DELAY=0"}).batch.schedule_delay, 0ms);
}

TEST(ResolveExportTest, NeverMakesABatchLargerThanTheQueue) {
  EXPECT_EQ(settings_of({"OTEL_BSP_MAX_QUEUE_SIZE=100"}).batch.max_export_batch_size, 100U)
      << "the default follows without a word";
  EXPECT_EQ(settings_of({"OTEL_BSP_MAX_QUEUE_SIZE=100", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE=100"}).batch,
            (BatchSettings{200ms, 100, 100}));
  EXPECT_EQ(resolved({"OTEL_BSP_MAX_QUEUE_SIZE=100", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE=101"}).settings.batch,
            (BatchSettings{200ms, 100, 100}));
  EXPECT_EQ(problem_of({"OTEL_BSP_MAX_QUEUE_SIZE=100", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE=101"}).message,
            "101 is more than OTEL_BSP_MAX_QUEUE_SIZE; 100 is used");
}

TEST(ResolveExportTest, UsesTheDefaultForBatchSettingsThatAreNotPositive) {
  for (const char* text : {"OTEL_BSP_MAX_QUEUE_SIZE=0", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE=0",
                           "OTEL_BSP_SCHEDULE_DELAY=-1", "OTEL_BSP_MAX_QUEUE_SIZE=lots"}) {
    EXPECT_EQ(resolved({text}).settings, Settings{}) << text;
    EXPECT_EQ(resolved({text}).problems.size(), 1U) << text;
  }
  EXPECT_THAT(problem_of({"OTEL_BSP_MAX_QUEUE_SIZE=10", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE=x"}).message,
              HasSubstr("; 10 is used"));
}

TEST(ResolveExportTest, TakesCertificatesOfSpansBeforeTheGeneralOnes) {
  const TlsFiles tls =
      settings_of(
          {"OTEL_EXPORTER_OTLP_CERTIFICATE=/general.pem", "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE=/traces.pem",
           "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE=/client.pem", "OTEL_EXPORTER_OTLP_CLIENT_KEY=/client.key"})
          .otlp_traces.tls;
  EXPECT_EQ(tls, (TlsFiles{"/traces.pem", "/client.pem", "/client.key"}));
}

TEST(ResolveExportTest, UsesNoCertificateWithoutItsKeyNorAKeyWithoutItsCertificate) {
  for (const char* alone : {"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE=/client.pem",
                            "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY=/client.key"}) {
    EXPECT_EQ(resolved({alone}).settings.otlp_traces.tls, TlsFiles{});
    EXPECT_THAT(problem_of({alone}).message, HasSubstr("neither is used"));
  }
}

}  // namespace
}  // namespace waybill::configure
