#include "waybill/exporters/make_metric_exporters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "waybill/exporters/testing/receiver.h"
#include "waybill/exporters/testing/sample_metrics.h"

namespace waybill::exporters {
namespace {

using configure::MetricExporterKind;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::kSent;
using testing::SnapshotBuilder;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

class MakeMetricExportersTest : public ::testing::Test {
 protected:
  MakeMetricExportersTest() {
    settings_.otlp_file =
        std::filesystem::temp_directory_path() / ("waybill-metrics-" + std::to_string(getpid()));
    std::filesystem::remove(settings_.otlp_file);
  }
  ~MakeMetricExportersTest() override { std::filesystem::remove(settings_.otlp_file); }

  // Exports these counts one after the other with the one exporter that the settings name.
  void export_counts(const std::vector<std::int64_t>& counts) {
    const auto exporters = make_metric_exporters(settings_, log_);
    ASSERT_EQ(exporters.size(), 1U);
    for (const std::int64_t count : counts) {
      exporters[0]->submit({SnapshotBuilder{}.count(kSent, "orders", count).build()});
      EXPECT_TRUE(exporters[0]->flush(Clock::now() + 60s));
    }
    EXPECT_EQ(exporters[0]->statistics().exported, counts.size());
  }
  static std::string count_in(const json& request) {
    return request["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][0]["sum"]["dataPoints"][0]["asInt"];
  }
  std::vector<std::string> counts_in_file() const {
    std::vector<std::string> counts;
    std::ifstream file{settings_.otlp_file};
    for (std::string line; std::getline(file, line);) counts.push_back(count_in(json::parse(line)));
    return counts;
  }

  configure::Settings settings_;
  Log log_{[] { return Clock::now(); }, [](const std::string&) {}};
};

TEST_F(MakeMetricExportersTest, MakesOneOfEachKindAndNoneForNone) {
  settings_.metrics.exporters = {MetricExporterKind::kOtlp, MetricExporterKind::kPrometheus,
                                 MetricExporterKind::kConsole};
  settings_.metrics.prometheus.port = 0;
  EXPECT_EQ(make_metric_exporters(settings_, log_).size(), 3U);
  settings_.metrics.exporters.clear();
  EXPECT_THAT(make_metric_exporters(settings_, log_), IsEmpty());
}

TEST_F(MakeMetricExportersTest, WritesLinesOfOtlpToAFile) {
  settings_.metrics.exporters = {MetricExporterKind::kOtlpFile};
  export_counts({10, 12});
  EXPECT_THAT(counts_in_file(), ElementsAre("10", "12"));
  struct stat facts {};
  ASSERT_EQ(stat(settings_.otlp_file.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
}

TEST_F(MakeMetricExportersTest, WritesDifferencesWhenTheyArePreferred) {
  settings_.metrics.exporters = {MetricExporterKind::kOtlpFile};
  settings_.metrics.temporality = configure::TemporalityPreference::kDelta;
  export_counts({10, 12});
  EXPECT_THAT(counts_in_file(), ElementsAre("10", "2"));
}

TEST_F(MakeMetricExportersTest, PostsTheProtocolThatIsAskedFor) {
  testing::Receiver receiver{"/v1/metrics"};
  settings_.metrics.exporters = {MetricExporterKind::kOtlp};
  settings_.metrics.otlp.endpoint = receiver.url();
  settings_.metrics.otlp_protocol = configure::OtlpProtocol::kHttpJson;
  export_counts({10});
  EXPECT_EQ(receiver.header("Content-Type"), "application/json");
  EXPECT_EQ(count_in(json::parse(receiver.bodies().at(0))), "10");
  settings_.metrics.otlp_protocol = configure::OtlpProtocol::kHttpProtobuf;
  export_counts({10});
  EXPECT_EQ(receiver.header("Content-Type"), "application/x-protobuf");
}

}  // namespace
}  // namespace waybill::exporters
