#include "waybill/configure/setting_sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "waybill/configure/testing/environment_of.h"

namespace waybill::configure {
namespace {

using ::testing::ElementsAre;
using testing::environment_of;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A folder with two configuration files.
class SettingSourcesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/waybill-sources-XXXXXX";
    directory_ = mkdtemp(name);
    std::ofstream{directory_ + "/one.yaml"} << "file_format: '1.0'\n"
                                               "resource: {attributes: [{name: service.name, value: one}]}\n"
                                               "propagator: {composite: [{tracecontext: }]}\n"
                                               "distribution: {waybill: {inject: sampled, process: none}}\n";
    std::ofstream{directory_ + "/two.yaml"} << "file_format: '1.0'\n"
                                               "resource: {attributes: [{name: from, value: '${FROM}'}]}\n";
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  std::string names(const char* file) const { return "OTEL_CONFIG_FILE=" + directory_ + "/" + file; }

  std::string directory_;
};

TEST_F(SettingSourcesTest, LaysTheProgramsVariablesOverTheCollectingProcesss) {
  const CombinedSettings combined =
      combine({environment_of({"OTEL_A=1", "WAYBILL_B="}),
               environment_of({"OTEL_A=2", "WAYBILL_B=2", "OTEL_C=2", "HOME=/"})});
  EXPECT_EQ(combined.values, environment_of({"OTEL_A=1", "WAYBILL_B=2", "OTEL_C=2"}));
  EXPECT_EQ(combined.origins.at("OTEL_A").kind, Origin::Kind::kProgram);
  EXPECT_EQ(combined.origins.at("WAYBILL_B").kind, Origin::Kind::kCollectingProcess);
}

TEST_F(SettingSourcesTest, AsksTheCollectingProcesssTerminalForItsColours) {
  EXPECT_TRUE(resolve(SettingSources{environment_of({"TERM=dumb"}), environment_of({"TERM=xterm"})})
                  .settings.console.colour);
  EXPECT_FALSE(resolve(SettingSources{environment_of({"TERM=xterm"}), environment_of({"TERM=dumb"})})
                   .settings.console.colour);
}

TEST_F(SettingSourcesTest, PutsTheProgramsFileInPlaceOfAllStandardVariables) {
  const CombinedSettings combined =
      combine({environment_of({names("one.yaml"), "OTEL_SERVICE_NAME=own", "OTEL_TRACES_EXPORTER=console"}),
               environment_of({"OTEL_TRACES_SAMPLER=always_off", "OTEL_TRACES_EXPORTER="})});
  EXPECT_EQ(combined.file, directory_ + "/one.yaml");
  EXPECT_EQ(combined.values.get("OTEL_SERVICE_NAME"), std::nullopt);
  EXPECT_EQ(combined.values.get("OTEL_TRACES_SAMPLER"), std::nullopt);
  EXPECT_EQ(combined.values.get("OTEL_TRACES_EXPORTER"), "none");
  EXPECT_THAT(combined.replaced,
              ElementsAre("OTEL_TRACES_SAMPLER", "OTEL_SERVICE_NAME", "OTEL_TRACES_EXPORTER"));
  EXPECT_EQ(resolve(combined).settings.service_name, "one");
}

TEST_F(SettingSourcesTest, LetsOwnVariablesWinOverTheFile) {
  const Settings settings =
      resolve(SettingSources{environment_of({names("one.yaml"), "WAYBILL_INJECT=never"}),
                             environment_of({"WAYBILL_PROCESS=thread"})})
          .settings;
  EXPECT_EQ(settings.inject, InjectMode::kNever);
  EXPECT_EQ(settings.process, ProcessModel::kThread);
}

TEST_F(SettingSourcesTest, LetsAProgramsVariablesWinOverTheCollectingProcesssFile) {
  const Settings settings =
      resolve(SettingSources{environment_of({"OTEL_SERVICE_NAME=own"}),
                             environment_of({names("one.yaml"), "OTEL_SDK_DISABLED=true"})})
          .settings;
  EXPECT_EQ(settings.service_name, "own");
  EXPECT_EQ(settings.inject, InjectMode::kSampled);
  EXPECT_FALSE(settings.sdk_disabled);
}

TEST_F(SettingSourcesTest, LetsAProgramsFileWinOverTheCollectingProcesss) {
  EXPECT_EQ(combine({environment_of({names("two.yaml")}), environment_of({names("one.yaml")})}).file,
            directory_ + "/two.yaml");
}

TEST_F(SettingSourcesTest, DoesNotReadAnotherUsersFileAndSaysWhy) {
  const CombinedSettings combined =
      combine({environment_of({names("one.yaml"), "OTEL_SERVICE_NAME=own"}), {}, false});
  EXPECT_EQ(combined.file, "");
  const Resolved resolved = resolve(combined);
  EXPECT_EQ(resolved.settings.service_name, "own");
  EXPECT_EQ(resolved.settings.inject, InjectMode::kAlways);
  ASSERT_EQ(resolved.problems.size(), 1U);
  EXPECT_EQ(describe(resolved.problems[0]),
            "OTEL_CONFIG_FILE: " + directory_ +
                "/one.yaml is not read, because the program is another user's; its variables "
                "count instead");
}

TEST_F(SettingSourcesTest, GivesItsSecretsToNoReceiverThatAnotherUsersProgramNames) {
  const Environment defaults =
      environment_of({"OTEL_EXPORTER_OTLP_ENDPOINT=https://ours", "OTEL_EXPORTER_OTLP_HEADERS=key=secret"});
  const Environment theirs = environment_of({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://theirs"});
  const auto headers = [&](const Environment& program, bool same_user) {
    return resolve(SettingSources{program, defaults, same_user}).settings.otlp_traces.headers;
  };
  EXPECT_THAT(headers(theirs, false), IsEmpty());
  EXPECT_EQ(headers(theirs, true).size(), 1U);
  EXPECT_EQ(headers({}, false).size(), 1U);
  Environment with_own = theirs;
  with_own.set("OTEL_EXPORTER_OTLP_HEADERS=key=own");
  EXPECT_EQ(headers(with_own, false).at(0).second, "own");
}

TEST_F(SettingSourcesTest, OpensNoPortForAnotherUsersProgram) {
  const Environment theirs =
      environment_of({"OTEL_METRICS_EXPORTER=console,Prometheus", "OTEL_EXPORTER_PROMETHEUS_HOST=0.0.0.0",
                      "OTEL_EXPORTER_PROMETHEUS_PORT=80"});
  const MetricSettings own = resolve(SettingSources{theirs, {}, true}).settings.metrics;
  EXPECT_THAT(own.exporters, ElementsAre(MetricExporterKind::kPrometheus, MetricExporterKind::kConsole));
  EXPECT_EQ(own.prometheus, (PrometheusSettings{"0.0.0.0", 80}));

  const Resolved another = resolve(SettingSources{theirs, {}, false});
  EXPECT_THAT(another.settings.metrics.exporters, ElementsAre(MetricExporterKind::kConsole));
  EXPECT_EQ(another.settings.metrics.prometheus, PrometheusSettings{});
  ASSERT_EQ(another.problems.size(), 1U);
  EXPECT_THAT(another.problems[0].message, HasSubstr("prometheus is skipped"));

  // A port that the collecting process opens anyway shows every program.
  const Environment ours =
      environment_of({"OTEL_METRICS_EXPORTER=prometheus", "OTEL_EXPORTER_PROMETHEUS_PORT=9999"});
  const Resolved shown = resolve(SettingSources{theirs, ours, false});
  EXPECT_THAT(shown.settings.metrics.exporters,
              ElementsAre(MetricExporterKind::kPrometheus, MetricExporterKind::kConsole));
  EXPECT_EQ(shown.settings.metrics.prometheus, (PrometheusSettings{"localhost", 9999}));
}

// A file that sends to two receivers, the second with a wrong time-out.
std::string two_receivers(const std::string& directory) {
  const std::string path = directory + "/receivers.yaml";
  std::ofstream{path} << "file_format: '1.0'\n"
                         "tracer_provider:\n"
                         "  processors:\n"
                         "    - batch: {exporter: {otlp_http: {endpoint: 'http://one/v1', compression: gzip, "
                         "headers: [{name: key, value: secret}]}}}\n"
                         "    - batch: {max_queue_size: 7, exporter: {otlp_http: {endpoint: 'http://two/v1', "
                         "timeout: 0}}}\n"
                         "    - batch: {exporter: {console: }}\n"
                         "    - batch: {exporter: {console: }}\n";
  return path;
}

TEST_F(SettingSourcesTest, KnowsSeveralReceiversOfOneKindFromAFile) {
  const std::string path = two_receivers(directory_);
  const Resolved resolved =
      resolve(SettingSources{environment_of({"OTEL_CONFIG_FILE=" + path, "WAYBILL_CONSOLE=stdout"}), {}});
  const Settings& settings = resolved.settings;
  EXPECT_EQ(settings.otlp_traces.endpoint, "http://one/v1");
  ASSERT_EQ(settings.more_exports.size(), 2U);
  const ExportSettings& second = settings.more_exports[0];
  EXPECT_THAT(second.traces_exporters, ElementsAre(ExporterKind::kOtlp));
  EXPECT_EQ(second.otlp_traces.endpoint, "http://two/v1");
  EXPECT_EQ(second.otlp_traces.compression, Compression::kNone);
  EXPECT_THAT(second.otlp_traces.headers, IsEmpty()) << "they are the first receiver's own";
  EXPECT_EQ(second.batch.max_queue_size, 7U);
  EXPECT_EQ(settings.more_exports[1].console.target, ConsoleTarget::kStdout);
  ASSERT_EQ(resolved.problems.size(), 1U);
  EXPECT_THAT(describe(resolved.problems[0]), HasSubstr("receivers.yaml:5:"));
  EXPECT_EQ(check_configuration_file(path, {}).size(), 1U);
}

TEST_F(SettingSourcesTest, LetsAProgramsExporterTakeThePlaceOfAllThatTheCollectingProcesssFileNames) {
  const Environment defaults = environment_of({"OTEL_CONFIG_FILE=" + two_receivers(directory_)});
  const auto more = [&](const Environment& program) {
    return resolve(SettingSources{program, defaults}).settings.more_exports.size();
  };
  EXPECT_EQ(more({}), 2U);
  EXPECT_EQ(more(environment_of({"OTEL_SERVICE_NAME=own"})), 2U);
  EXPECT_EQ(more(environment_of({"OTEL_TRACES_EXPORTER=none"})), 0U);
}

TEST_F(SettingSourcesTest, ReadsItsOwnFileForAnotherUsersProgram) {
  EXPECT_EQ(combine({{}, environment_of({names("one.yaml")}), false}).file, directory_ + "/one.yaml");
  EXPECT_EQ(combine({environment_of({names("one.yaml")}), environment_of({names("one.yaml")}), false}).file,
            directory_ + "/one.yaml");
  EXPECT_EQ(combine({environment_of({names("two.yaml")}), environment_of({names("one.yaml")}), false}).file,
            directory_ + "/one.yaml");
}

TEST_F(SettingSourcesTest, RefersToVariablesOfTheProgramOnlyWhereItMayReadForIt) {
  const auto from = [&](bool may_read) {
    const SettingSources sources{environment_of({"FROM=program"}),
                                 environment_of({names("two.yaml"), "FROM=collector"}), may_read};
    return std::string{combine(sources).values.get("OTEL_RESOURCE_ATTRIBUTES").value_or("")};
  };
  EXPECT_EQ(from(true), "from=program");
  EXPECT_EQ(from(false), "from=collector");
}

TEST_F(SettingSourcesTest, UsesTheVariablesWhenTheFileCannotBeUsed) {
  std::ofstream{directory_ + "/broken.yaml"} << "a: [";
  for (const char* file : {"none.yaml", "broken.yaml"}) {
    const Resolved resolved =
        resolve(SettingSources{environment_of({names(file), "OTEL_SERVICE_NAME=own"}), {}});
    EXPECT_EQ(resolved.settings.service_name, "own") << file;
    ASSERT_EQ(resolved.problems.size(), 1U) << file;
    EXPECT_EQ(resolved.problems[0].file, directory_ + "/" + file);
  }
}

TEST_F(SettingSourcesTest, SaysWhereInTheFileAWrongValueStands) {
  std::ofstream{directory_ + "/wrong.yaml"}
      << "file_format: '1.0'\ndistribution:\n  waybill:\n    inject: sometimes\n";
  const std::string path = directory_ + "/wrong.yaml";
  const std::string message = path +
                              ":4:13: distribution.waybill.inject: \"sometimes\" is not one of always, "
                              "sampled, never; always is used";
  const std::vector<Problem> problems =
      check_configuration_file(path, environment_of({"WAYBILL_INJECT=never"}));
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(describe(problems[0]), message);
  const Resolved resolved = resolve(SettingSources{environment_of({"OTEL_CONFIG_FILE=" + path}), {}});
  ASSERT_EQ(resolved.problems.size(), 1U);
  EXPECT_EQ(describe(resolved.problems[0]), message);
}

TEST_F(SettingSourcesTest, ChecksWhatASoundFileSays) {
  EXPECT_THAT(check_configuration_file(directory_ + "/one.yaml", {}), IsEmpty());
  EXPECT_THAT(check_configuration_file(directory_ + "/none.yaml", {}).front().message,
              HasSubstr("cannot open it"));
}

}  // namespace
}  // namespace waybill::configure
