#include "waybill/configure/setting_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "waybill/configure/testing/environment_of.h"

namespace waybill::configure {
namespace {

using ::testing::ElementsAre;
using testing::environment_of;
using ::testing::HasSubstr;

ReportedSetting reported(const SettingReport& report, std::string_view name) {
  for (const ReportedSetting& one : report.settings) {
    if (one.setting->name == name) return one;
  }
  ADD_FAILURE() << name << " is not reported";
  return {&known_settings().front(), std::nullopt};
}

TEST(SettingReportTest, HasEverySettingInTheOrderOfTheTable) {
  const SettingReport report = report_settings({});
  ASSERT_EQ(report.settings.size(), known_settings().size());
  for (std::size_t at = 0; at < report.settings.size(); ++at)
    EXPECT_EQ(report.settings[at].setting, &known_settings()[at]);
  EXPECT_TRUE(report.problems.empty());
}

TEST(SettingReportTest, SaysTheDefaultOfWhatIsNotSet) {
  const SettingReport report = report_settings({environment_of({"WAYBILL_INJECT= "}), {}});
  EXPECT_EQ(reported(report, "WAYBILL_INJECT").value, "always");
  EXPECT_EQ(reported(report, "WAYBILL_INJECT").origin, std::nullopt);
  EXPECT_EQ(reported(report, "OTEL_SERVICE_NAME").value, std::nullopt);
}

TEST(SettingReportTest, SaysWhoSetAValue) {
  const SettingReport report =
      report_settings({environment_of({"WAYBILL_INJECT=never", "WAYBILL_PROCESS="}),
                       environment_of({"WAYBILL_INJECT=sampled", "WAYBILL_PROCESS=none"})});
  EXPECT_EQ(reported(report, "WAYBILL_INJECT").value, "never");
  EXPECT_EQ(reported(report, "WAYBILL_INJECT").origin, Origin{Origin::Kind::kProgram});
  EXPECT_EQ(reported(report, "WAYBILL_PROCESS").value, "none");
  EXPECT_EQ(reported(report, "WAYBILL_PROCESS").origin, Origin{Origin::Kind::kCollectingProcess});
}

TEST(SettingReportTest, HasTheProblemsOfTheValues) {
  const SettingReport report = report_settings({environment_of({"WAYBILL_INJECT=sometimes"}), {}});
  ASSERT_EQ(report.problems.size(), 1U);
  EXPECT_EQ(report.problems[0].setting, "WAYBILL_INJECT");
  EXPECT_THAT(report.problems[0].message, HasSubstr("always is used"));
}

TEST(SettingReportTest, TellsAMistakenNameFromOneForOthers) {
  const SettingReport report =
      report_settings({environment_of({"WAYBILL_INJET=never", "OTEL_PYTHON_CONTEXT=x", "HOME=/"}), {}});
  ASSERT_EQ(report.problems.size(), 1U);
  EXPECT_EQ(report.problems[0].setting, "WAYBILL_INJET");
  EXPECT_THAT(report.unknown, ElementsAre("OTEL_PYTHON_CONTEXT"));
}

TEST(SettingReportTest, DoesNotTakeTheVariablesOfThoseWhoAskAServerForMistakes) {
  const SettingReport report = report_settings(
      {environment_of({"WAYBILL_SERVER=http://waybill:4318", "WAYBILL_SERVER_TOKEN=hunter2"}), {}});
  EXPECT_TRUE(report.problems.empty());
  EXPECT_TRUE(report.unknown.empty());
}

TEST(SettingReportTest, HasNoSecretInIt) {
  for (const char* name : {"OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"}) {
    const SettingReport report = report_settings({environment_of({std::string{name} + "=key=hunter2"}), {}});
    EXPECT_TRUE(reported(report, name).hidden);
    EXPECT_EQ(reported(report, name).value, std::nullopt);
    EXPECT_EQ(reported(report, name).origin, Origin{Origin::Kind::kProgram});
  }
}

TEST(SettingReportTest, HidesWhatStandsInUrls) {
  EXPECT_EQ(without_secrets("https://user:hunter2@host:4318/v1?key=hunter2"), "https://…@host:4318/v1?…");
  EXPECT_EQ(without_secrets("http://user:hun/ter@2@host"), "http://…@host");
  EXPECT_EQ(without_secrets("http://host:4318/v1/traces"), "http://host:4318/v1/traces");
  EXPECT_EQ(without_secrets("owner=a@b.example,why=?"), "owner=a@b.example,why=?");
}

TEST(SettingReportTest, KnowsEverySettingThatHoldsHeadersOrKafkasPropertiesForSecret) {
  for (const Setting& setting : known_settings()) {
    const bool holds_headers =
        setting.name.find("_OTLP_") != std::string_view::npos && setting.name.ends_with("_HEADERS");
    EXPECT_EQ(setting.secret, holds_headers || setting.name == "WAYBILL_KAFKA_CONFIG") << setting.name;
  }
}

}  // namespace
}  // namespace waybill::configure
