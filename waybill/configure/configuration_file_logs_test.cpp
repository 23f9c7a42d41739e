#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "waybill/configure/configuration_file.h"
#include "waybill/configure/testing/parsed_file.h"

// What a file says of log records.
namespace waybill::configure {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::messages;
using testing::parse;
using namespace std::chrono_literals;

TEST(ConfigurationFileLogsTest, ReadsProcessorsAndTheirExporters) {
  const ConfigurationFile file = parse(R"(
logger_provider:
  processors:
    - batch:
        schedule_delay: 100
        export_timeout: 7000
        max_queue_size: 1000
        max_export_batch_size: 10
        exporter:
          otlp_http: {endpoint: "http://collector:4318/v1/logs", encoding: json}
    - batch:
        exporter: {console: }
)");
  EXPECT_THAT(messages(file), IsEmpty());
  const Resolved resolved = resolve(file.settings);
  EXPECT_THAT(resolved.problems, IsEmpty());
  const LogSettings& logs = resolved.settings.logs;
  EXPECT_THAT(logs.exporters, ElementsAre(ExporterKind::kOtlp, ExporterKind::kConsole));
  EXPECT_EQ(logs.otlp_protocol, OtlpProtocol::kHttpJson);
  EXPECT_EQ(logs.otlp.endpoint, "http://collector:4318/v1/logs");
  EXPECT_EQ(logs.batch, (BatchSettings{100ms, 1'000, 10, 7'000ms}));
  EXPECT_EQ(resolved.settings.batch, BatchSettings{});
  EXPECT_THAT(resolved.settings.traces_exporters, IsEmpty());
}

TEST(ConfigurationFileLogsTest, ReadsASimpleProcessorAsOneThatDoesNotWait) {
  const ConfigurationFile file = parse(R"(
logger_provider:
  processors:
    - simple: {exporter: {otlp_file/development: {output_stream: "file:///tmp/logs"}}}
)");
  EXPECT_THAT(messages(file), IsEmpty());
  const Resolved resolved = resolve(file.settings);
  EXPECT_THAT(resolved.settings.logs.exporters, ElementsAre(ExporterKind::kOtlpFile));
  EXPECT_EQ(resolved.settings.otlp_file, "/tmp/logs");
  EXPECT_EQ(resolved.settings.logs.batch.schedule_delay, 0ms);
}

TEST(ConfigurationFileLogsTest, SaysWhereWhatIsWrongStands) {
  const ConfigurationFile file = parse(R"(
logger_provider:
  processors:
    - batch:
        delay: 1
        exporter: {zipkin: }
    - simple: {}
    - queue: {}
    - batch: {exporter: {otlp_grpc: }}
    - batch: {exporter: {otlp_grpc: }}
  limits: {attribute_count_limit: 1}
)");
  EXPECT_EQ(file.problems.at(0).position.line, 6);
  EXPECT_EQ(file.problems.at(0).position.column, 16);
  EXPECT_THAT(
      messages(file),
      ElementsAre(HasSubstr("there is no such property"), HasSubstr("this exporter is not supported"),
                  HasSubstr("its exporter is missing"), HasSubstr("this processor is not supported"),
                  HasSubstr("there is an exporter of this kind already"), HasSubstr("it is not supported")));
}

}  // namespace
}  // namespace waybill::configure
