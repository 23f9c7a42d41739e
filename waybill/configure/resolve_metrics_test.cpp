#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>

#include "waybill/configure/host_settings.h"
#include "waybill/configure/resolve.h"
#include "waybill/configure/testing/environment_of.h"

// Where metrics go, and how often.
namespace waybill::configure {
namespace {

using ::testing::ElementsAre;
using testing::environment_of;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using namespace std::chrono_literals;

MetricSettings settings_of(std::initializer_list<std::string_view> variables) {
  Resolved result = resolve(environment_of(variables));
  for (const Problem& problem : result.problems) ADD_FAILURE() << describe(problem);
  return result.settings.metrics;
}

std::string problem_of(std::initializer_list<std::string_view> variables) {
  const Resolved result = resolve(environment_of(variables));
  EXPECT_EQ(result.problems.size(), 1U);
  return result.problems.empty() ? "" : describe(result.problems.front());
}

TEST(ResolveMetricsTest, KnowsTheExporters) {
  using enum MetricExporterKind;
  EXPECT_THAT(settings_of({}).exporters, ElementsAre(kOtlp));
  EXPECT_THAT(settings_of({"OTEL_METRICS_EXPORTER=none"}).exporters, IsEmpty());
  EXPECT_THAT(settings_of({"OTEL_METRICS_EXPORTER=console,prometheus,otlp/stdout,otlp,console"}).exporters,
              ElementsAre(kOtlp, kOtlpStdout, kPrometheus, kConsole));
  EXPECT_THAT(settings_of({"OTEL_METRICS_EXPORTER=logging"}).exporters, ElementsAre(kConsole));
  EXPECT_THAT(settings_of({"OTEL_METRICS_EXPORTER=otlp_file", "WAYBILL_OTLP_FILE=/tmp/lines"}).exporters,
              ElementsAre(kOtlpFile));
}

TEST(ResolveMetricsTest, TellsPartitionsApartOnRequest) {
  EXPECT_FALSE(settings_of({}).partition_id);
  EXPECT_FALSE(host_settings(Settings{}).count_partitions);
  const Resolved result = resolve(environment_of({"WAYBILL_METRICS_PARTITION_ID=true"}));
  EXPECT_TRUE(result.settings.metrics.partition_id);
  EXPECT_TRUE(host_settings(result.settings).count_partitions);
}

TEST(ResolveMetricsTest, SkipsAnExporterThatItDoesNotKnow) {
  const Resolved result = resolve(environment_of({"OTEL_METRICS_EXPORTER=statsd"}));
  EXPECT_THAT(result.settings.metrics.exporters, IsEmpty());
  EXPECT_EQ(describe(result.problems.at(0)),
            "OTEL_METRICS_EXPORTER: \"statsd\" is not supported; known are otlp, otlp/stdout, otlp_file, "
            "kafka, prometheus, console and none; it is skipped, so no metric is exported");
}

TEST(ResolveMetricsTest, SkipsTheFileExporterWithoutAFile) {
  const Resolved result = resolve(environment_of({"OTEL_METRICS_EXPORTER=otlp_file,otlp"}));
  EXPECT_THAT(result.settings.metrics.exporters, ElementsAre(MetricExporterKind::kOtlp));
  EXPECT_EQ(result.problems.at(0).setting, "OTEL_METRICS_EXPORTER");
  EXPECT_THAT(result.problems.at(0).message, HasSubstr("needs WAYBILL_OTLP_FILE"));
}

TEST(ResolveMetricsTest, AddsItsPathToTheGeneralEndpointAlone) {
  EXPECT_EQ(settings_of({"OTEL_EXPORTER_OTLP_ENDPOINT=http://a:1"}).otlp.endpoint, "http://a:1/v1/metrics");
  EXPECT_EQ(settings_of({"OTEL_EXPORTER_OTLP_ENDPOINT=http://a:1/b/"}).otlp.endpoint,
            "http://a:1/b/v1/metrics");
  EXPECT_EQ(settings_of({"OTEL_EXPORTER_OTLP_ENDPOINT=http://a:1",
                         "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://b:2/take"})
                .otlp.endpoint,
            "http://b:2/take");
  EXPECT_EQ(settings_of({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://a:1"}).otlp.endpoint,
            "http://localhost:4318/v1/metrics");
}

TEST(ResolveMetricsTest, PrefersItsOwnSettingsToTheGeneralOnes) {
  const MetricSettings general =
      settings_of({"OTEL_EXPORTER_OTLP_PROTOCOL=http/json", "OTEL_EXPORTER_OTLP_HEADERS=a=1",
                   "OTEL_EXPORTER_OTLP_TIMEOUT=100", "OTEL_EXPORTER_OTLP_COMPRESSION=gzip",
                   "OTEL_EXPORTER_OTLP_CERTIFICATE=/ca", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE=/certificate",
                   "OTEL_EXPORTER_OTLP_CLIENT_KEY=/key"});
  EXPECT_EQ(general.otlp_protocol, OtlpProtocol::kHttpJson);
  EXPECT_THAT(general.otlp.headers, ElementsAre(Pair("a", "1")));
  EXPECT_EQ(general.otlp.timeout, 100ms);
  EXPECT_EQ(general.otlp.compression, Compression::kGzip);
  EXPECT_EQ(general.otlp.tls, (TlsFiles{"/ca", "/certificate", "/key"}));

  const MetricSettings own = settings_of(
      {"OTEL_EXPORTER_OTLP_PROTOCOL=http/json", "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL=http/protobuf",
       "OTEL_EXPORTER_OTLP_HEADERS=a=1", "OTEL_EXPORTER_OTLP_METRICS_HEADERS=b=2",
       "OTEL_EXPORTER_OTLP_TIMEOUT=100", "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT=200",
       "OTEL_EXPORTER_OTLP_COMPRESSION=gzip", "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION=none",
       "OTEL_EXPORTER_OTLP_CERTIFICATE=/ca", "OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE=/own"});
  EXPECT_EQ(own.otlp_protocol, OtlpProtocol::kHttpProtobuf);
  EXPECT_THAT(own.otlp.headers, ElementsAre(Pair("b", "2")));
  EXPECT_EQ(own.otlp.timeout, 200ms);
  EXPECT_EQ(own.otlp.compression, Compression::kNone);
  EXPECT_EQ(own.otlp.tls.certificate, "/own");
}

TEST(ResolveMetricsTest, ReadsHowOftenAndHowLong) {
  EXPECT_EQ(settings_of({}).interval, 60s);
  EXPECT_EQ(settings_of({}).timeout, 30s);
  EXPECT_EQ(settings_of({"OTEL_METRIC_EXPORT_INTERVAL=500"}).interval, 500ms);
  EXPECT_EQ(settings_of({"OTEL_METRIC_EXPORT_TIMEOUT=250"}).timeout, 250ms);
  EXPECT_THAT(problem_of({"OTEL_METRIC_EXPORT_INTERVAL=0"}), HasSubstr("60000 is used"));
}

TEST(ResolveMetricsTest, ReadsTheTemporalityPreference) {
  constexpr const char* kName = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=";
  const auto preference = [&](const char* text) {
    return resolve(environment_of({std::string{kName} + text})).settings.metrics.temporality;
  };
  EXPECT_EQ(preference(""), TemporalityPreference::kCumulative);
  EXPECT_EQ(preference("Delta"), TemporalityPreference::kDelta);
  EXPECT_EQ(preference("LOWMEMORY"), TemporalityPreference::kLowMemory);
  EXPECT_THAT(problem_of({std::string{kName} + "rate"}), HasSubstr("cumulative is used"));
}

TEST(ResolveMetricsTest, SaysThatItMakesNoExponentialHistograms) {
  constexpr const char* kName = "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION=";
  EXPECT_EQ(settings_of({std::string{kName} + "explicit_bucket_histogram"}), MetricSettings{});
  EXPECT_THAT(problem_of({std::string{kName} + "base2_exponential_bucket_histogram"}),
              HasSubstr("explicit_bucket_histogram is used"));
}

TEST(ResolveMetricsTest, ReadsWhichExemplarsAreWanted) {
  EXPECT_TRUE(settings_of({"OTEL_METRICS_EXEMPLAR_FILTER=trace_based"}).exemplars);
  EXPECT_FALSE(settings_of({"OTEL_METRICS_EXEMPLAR_FILTER=always_off"}).exemplars);
  EXPECT_TRUE(resolve(environment_of({"OTEL_METRICS_EXEMPLAR_FILTER=always_on"})).settings.metrics.exemplars);
  EXPECT_THAT(problem_of({"OTEL_METRICS_EXEMPLAR_FILTER=always_on"}), HasSubstr("trace_based is used"));
}

TEST(ResolveMetricsTest, ReadsWherePrometheusFindsItsPage) {
  EXPECT_EQ(settings_of({}).prometheus, (PrometheusSettings{"localhost", 9464}));
  EXPECT_EQ(settings_of({"OTEL_EXPORTER_PROMETHEUS_HOST=::", "OTEL_EXPORTER_PROMETHEUS_PORT=0"}).prometheus,
            (PrometheusSettings{"::", 0}));
  EXPECT_THAT(problem_of({"OTEL_EXPORTER_PROMETHEUS_PORT=65536"}), HasSubstr("9464 is used"));
}

}  // namespace
}  // namespace waybill::configure
