#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>

#include "waybill/configure/resolve.h"
#include "waybill/configure/setting_table.h"
#include "waybill/configure/testing/environment_of.h"

// Where log records go, and how they wait.
namespace waybill::configure {
namespace {

using ::testing::ElementsAre;
using testing::environment_of;
using ::testing::IsEmpty;
using ::testing::Pair;
using namespace std::chrono_literals;

LogSettings settings_of(std::initializer_list<std::string_view> variables) {
  Resolved result = resolve(environment_of(variables));
  for (const Problem& problem : result.problems) ADD_FAILURE() << describe(problem);
  return result.settings.logs;
}

std::string problem_of(std::initializer_list<std::string_view> variables) {
  const Resolved result = resolve(environment_of(variables));
  EXPECT_EQ(result.problems.size(), 1U);
  return result.problems.empty() ? "" : describe(result.problems.front());
}

TEST(ResolveLogsTest, KnowsTheExporters) {
  using enum ExporterKind;
  EXPECT_THAT(settings_of({}).exporters, ElementsAre(kOtlp));
  EXPECT_THAT(settings_of({"OTEL_LOGS_EXPORTER=none"}).exporters, IsEmpty());
  EXPECT_THAT(settings_of({"OTEL_LOGS_EXPORTER=console,otlp/stdout,otlp,console"}).exporters,
              ElementsAre(kOtlp, kOtlpStdout, kConsole));
  EXPECT_THAT(settings_of({"OTEL_LOGS_EXPORTER=logging"}).exporters, ElementsAre(kConsole));
  EXPECT_THAT(settings_of({"OTEL_LOGS_EXPORTER=otlp_file", "WAYBILL_OTLP_FILE=/tmp/lines"}).exporters,
              ElementsAre(kOtlpFile));
  EXPECT_THAT(
      settings_of({"OTEL_LOGS_EXPORTER=kafka", "WAYBILL_KAFKA_CONFIG=bootstrap.servers=a:1"}).exporters,
      ElementsAre(kKafka));
}

TEST(ResolveLogsTest, SkipsWhatTakesNoLogRecordsAndWhatHasNoPlace) {
  EXPECT_EQ(problem_of({"OTEL_LOGS_EXPORTER=zipkin"}),
            "OTEL_LOGS_EXPORTER: \"zipkin\" is not supported; known are otlp, otlp/stdout, otlp_file, kafka, "
            "console and none; it is skipped, so no log record is exported");
  const Resolved result = resolve(environment_of({"OTEL_LOGS_EXPORTER=otlp_file,kafka,console"}));
  EXPECT_THAT(result.settings.logs.exporters, ElementsAre(ExporterKind::kConsole));
  ASSERT_EQ(result.problems.size(), 2U);
  EXPECT_EQ(result.problems[0].setting, "OTEL_LOGS_EXPORTER");
  EXPECT_EQ(result.problems[1].setting, "OTEL_LOGS_EXPORTER");
}

TEST(ResolveLogsTest, AddsThePathOfLogsToTheGeneralEndpointAlone) {
  EXPECT_EQ(settings_of({"OTEL_EXPORTER_OTLP_ENDPOINT=http://a:1"}).otlp.endpoint, "http://a:1/v1/logs");
  EXPECT_EQ(settings_of({"OTEL_EXPORTER_OTLP_ENDPOINT=http://a:1/b/"}).otlp.endpoint, "http://a:1/b/v1/logs");
  EXPECT_EQ(
      settings_of({"OTEL_EXPORTER_OTLP_ENDPOINT=http://a:1", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=http://b:2"})
          .otlp.endpoint,
      "http://b:2/");
  EXPECT_EQ(settings_of({"OTEL_EXPORTER_OTLP_PROTOCOL=grpc"}).otlp.endpoint,
            "http://localhost:4317/opentelemetry.proto.collector.logs.v1.LogsService/Export");
}

TEST(ResolveLogsTest, HasSettingsOfItsOwnForEachGeneralOne) {
  const LogSettings own =
      settings_of({"OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL=http/json",
                   "OTEL_EXPORTER_OTLP_HEADERS=a=1", "OTEL_EXPORTER_OTLP_LOGS_HEADERS=b=2",
                   "OTEL_EXPORTER_OTLP_TIMEOUT=1", "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT=2",
                   "OTEL_EXPORTER_OTLP_LOGS_COMPRESSION=gzip", "OTEL_EXPORTER_OTLP_CERTIFICATE=/a",
                   "OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE=/b", "OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE=/c",
                   "OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY=/d"});
  EXPECT_EQ(own.otlp_protocol, OtlpProtocol::kHttpJson);
  EXPECT_THAT(own.otlp.headers, ElementsAre(Pair("b", "2")));
  EXPECT_EQ(own.otlp.timeout, 2ms);
  EXPECT_EQ(own.otlp.compression, Compression::kGzip);
  EXPECT_EQ(own.otlp.tls, (TlsFiles{"/b", "/c", "/d"}));
  const std::string_view kInsecure = "OTEL_EXPORTER_OTLP_LOGS_INSECURE=true";
  EXPECT_EQ(
      settings_of({"OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=a:1", kInsecure})
          .otlp.endpoint,
      "http://a:1/opentelemetry.proto.collector.logs.v1.LogsService/Export");
}

TEST(ResolveLogsTest, WaitsAsTheSpecificationSaysUnlessItIsTold) {
  EXPECT_EQ(settings_of({}).batch, (BatchSettings{1'000ms, 32'768, 512, 30'000ms}));
  EXPECT_EQ(settings_of({"OTEL_BLRP_SCHEDULE_DELAY=0", "OTEL_BLRP_MAX_QUEUE_SIZE=100",
                         "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE=10", "OTEL_BLRP_EXPORT_TIMEOUT=7"})
                .batch,
            (BatchSettings{0ms, 100, 10, 7ms}));
  EXPECT_EQ(settings_of({"OTEL_BSP_SCHEDULE_DELAY=5", "OTEL_BSP_MAX_QUEUE_SIZE=9000"}).batch,
            LogSettings{}.batch);
  EXPECT_EQ(problem_of({"OTEL_BLRP_MAX_QUEUE_SIZE=10", "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE=11"}),
            "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: 11 is more than OTEL_BLRP_MAX_QUEUE_SIZE; 10 is used");
}

TEST(ResolveLogsTest, WritesToATopicOfItsOwn) {
  EXPECT_EQ(resolve(environment_of({})).settings.kafka.logs_topic, "otlp_logs");
  EXPECT_EQ(resolve(environment_of({"WAYBILL_KAFKA_TOPIC_LOGS=failures"})).settings.kafka.logs_topic,
            "failures");
  // Another user's program does not choose it.
  EXPECT_TRUE(names_file("WAYBILL_KAFKA_TOPIC_LOGS", "failures"));
  EXPECT_TRUE(names_file("OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY", "/key"));
}

}  // namespace
}  // namespace waybill::configure
