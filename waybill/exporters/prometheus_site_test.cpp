#include "waybill/exporters/prometheus_site.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "waybill/exporters/prometheus_exporter.h"
#include "waybill/exporters/testing/sample_metrics.h"

// A page that is asked for over a real socket.
namespace waybill::exporters {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kSent;
using ::testing::Not;
using testing::SnapshotBuilder;
using Clock = std::chrono::steady_clock;

MetricSnapshots sent(const std::string& source, std::int64_t count) {
  return {SnapshotBuilder{source}.count(kSent, "orders", count).build()};
}

class PrometheusSiteTest : public ::testing::Test {
 protected:
  static configure::PrometheusSettings any_port() { return {"localhost", 0}; }
  static int port_of(const PrometheusSite& site) {
    const std::string url = site.url();
    return std::stoi(url.substr(url.rfind(':') + 1));
  }
  httplib::Result get(const PrometheusSite& site, const char* path = "/metrics",
                      const httplib::Headers& headers = {}) {
    httplib::Client client{"127.0.0.1", port_of(site)};
    return client.Get(path, headers);
  }

  std::vector<std::string> said_;
  Log log_{[] { return Clock::now(); }, [this](const std::string& line) { said_.push_back(line); }};
};

// Answers every question until it ends, as the collecting process does.
class Collector {
 public:
  Collector(MetricExporter& exporter, std::string source)
      : thread_{[&exporter, source = std::move(source), this](const std::stop_token& stop) {
          while (!stop.stop_requested()) {
            if (exporter.wants_snapshots(Clock::now())) exporter.submit(sent(source, ++count_));
            std::this_thread::yield();
          }
        }} {}

 private:
  std::int64_t count_ = 0;
  std::jthread thread_;
};

TEST_F(PrometheusSiteTest, AnswersEachQuestionWithFreshNumbers) {
  const auto site = PrometheusSite::at(any_port(), log_);
  ASSERT_TRUE(site->is_open());
  PrometheusExporter exporter{site};
  const Collector collector{exporter, "a"};
  for (int question = 1; question <= 3; ++question) {
    const auto answer = get(*site);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->get_header_value("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_THAT(answer->body,
                HasSubstr("job=\"shop\",otel_scope_name=\"waybill.kafka\",otel_scope_version="));
    EXPECT_THAT(answer->body, HasSubstr("} " + std::to_string(question) + "\n"));
  }
}

TEST_F(PrometheusSiteTest, AsksEveryExporterThatShowsSomething) {
  const auto site = PrometheusSite::at(any_port(), log_);
  PrometheusExporter one{site};
  PrometheusExporter other{site};
  const Collector first{one, "a"};
  const Collector second{other, "b"};
  const auto answer = get(*site);
  ASSERT_TRUE(answer);
  EXPECT_THAT(answer->body, HasSubstr("instance of a"));
  EXPECT_THAT(answer->body, HasSubstr("instance of b"));
}

TEST_F(PrometheusSiteTest, ShowsTheNewestNumbersWhenNoFreshOnesCome) {
  const auto site = PrometheusSite::at(any_port(), log_);
  PrometheusExporter exporter{site};
  exporter.submit(sent("a", 7));
  const auto answer = get(*site);
  ASSERT_TRUE(answer);
  EXPECT_THAT(answer->body, HasSubstr("} 7\n"));
  EXPECT_TRUE(exporter.wants_snapshots(Clock::now()));
  const MetricExporterStatistics books = exporter.statistics();
  EXPECT_EQ(books.submitted, 1U);
  EXPECT_EQ(books.exported, 1U);
}

TEST_F(PrometheusSiteTest, SpeaksTheFormatThatIsAskedFor) {
  const auto site = PrometheusSite::at(any_port(), log_);
  const auto answer = get(*site, "/metrics", {{"Accept", "application/openmetrics-text;version=1.0.0,*/*"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->get_header_value("Content-Type"),
            "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_EQ(answer->body, "# EOF\n");
}

TEST_F(PrometheusSiteTest, PacksTheAnswerWhenThatIsAskedFor) {
  const auto site = PrometheusSite::at(any_port(), log_);
  PrometheusExporter exporter{site};
  exporter.submit(sent("a", 7));
  for (const char* format : {"text/plain", "application/openmetrics-text"}) {
    const auto answer = get(*site, "/metrics", {{"Accept", format}, {"Accept-Encoding", "gzip"}});
    ASSERT_TRUE(answer) << format;
    EXPECT_EQ(answer->get_header_value("Content-Encoding"), "gzip") << format;
    EXPECT_THAT(answer->body, HasSubstr("messaging_client_sent_messages_total")) << format;  // unpacked
  }
}

TEST_F(PrometheusSiteTest, AnswersNothingElseButALink) {
  const auto site = PrometheusSite::at(any_port(), log_);
  EXPECT_THAT(get(*site, "/")->body, HasSubstr("href=\"/metrics\""));
  EXPECT_EQ(get(*site, "/other")->status, 404);
  httplib::Client client{"127.0.0.1", port_of(*site)};
  EXPECT_EQ(client.Post("/metrics", "x", "text/plain")->status, 404);
}

TEST_F(PrometheusSiteTest, SaysWhichPortItFound) {
  const auto site = PrometheusSite::at(any_port(), log_);
  EXPECT_THAT(said_, ElementsAre(HasSubstr(site->url())));
}

TEST_F(PrometheusSiteTest, SaysOnceThatThePortIsInUse) {
  const auto first = PrometheusSite::at(any_port(), log_);
  said_.clear();
  const auto port = static_cast<std::uint16_t>(port_of(*first));
  const auto second = PrometheusSite::at({"localhost", port}, log_);
  EXPECT_FALSE(second->is_open());
  EXPECT_THAT(said_, ElementsAre(HasSubstr("no page for Prometheus is shown at localhost:" +
                                           std::to_string(port) + ": Address already in use")));
  PrometheusExporter exporter{second};
  exporter.submit(sent("a", 1));
  EXPECT_FALSE(exporter.wants_snapshots(Clock::now()));
  EXPECT_EQ(exporter.statistics().dropped, 1U);
}

TEST_F(PrometheusSiteTest, IsSharedByAllWhoNameTheSamePort) {
  std::uint16_t port = 0;
  {
    const auto free = PrometheusSite::at(any_port(), log_);
    port = static_cast<std::uint16_t>(port_of(*free));
  }
  said_.clear();
  const auto one = PrometheusSite::at({"localhost", port}, log_);
  const auto other = PrometheusSite::at({"localhost", port}, log_);
  EXPECT_EQ(one, other);
  EXPECT_THAT(said_, IsEmpty());
}

class PrometheusPageTest : public ::testing::Test {
 protected:
  std::vector<std::string> instances(Clock::time_point now) {
    std::vector<std::string> names;
    for (const PrometheusTarget& target : page_.targets(now)) names.push_back(target.instance);
    return names;
  }
  // With the id that its user gave it.
  static std::shared_ptr<const telemetry::MetricSnapshot> of(const std::string& source, bool last = false) {
    auto resource = std::make_shared<telemetry::Resource>();
    resource->attributes = {{"service.name", "shop"}, {"service.instance.id", "pod"}};
    SnapshotBuilder builder{source};
    builder.resource(std::move(resource));
    if (last) builder.last();
    return builder.build();
  }

  PrometheusPage page_;
  Clock::time_point start_{};
};

TEST_F(PrometheusPageTest, ShowsTheLastNumbersOfAHostForAWhile) {
  page_.show({SnapshotBuilder{"a"}.last().build()}, start_);
  EXPECT_THAT(instances(start_ + PrometheusPage::kStay), ElementsAre("instance of a"));
  EXPECT_THAT(instances(start_ + PrometheusPage::kStay + std::chrono::seconds{1}), IsEmpty());
}

TEST_F(PrometheusPageTest, TellsHostsOfOneNameApart) {
  page_.show({of("a"), of("b")}, start_);
  EXPECT_THAT(instances(start_), ElementsAre("pod", "pod/b"));
  page_.show({of("b")}, start_);
  EXPECT_THAT(instances(start_), ElementsAre("pod", "pod/b"));
}

TEST_F(PrometheusPageTest, GivesTheNameOfAHostThatEndedToTheNextOne) {
  page_.show({of("a", true)}, start_);
  page_.show({of("b")}, start_);
  EXPECT_THAT(instances(start_), ElementsAre("pod"));
}

TEST_F(PrometheusPageTest, HoldsSoManyHostsAndNoMore) {
  page_.show({SnapshotBuilder{"first"}.build()}, start_);
  MetricSnapshots many;
  for (std::size_t host = 0; host < PrometheusPage::kMostHosts; ++host)
    many.push_back(SnapshotBuilder{"host " + std::to_string(host)}.build());
  page_.show(many, start_ + std::chrono::seconds{1});
  const std::vector<std::string> shown = instances(start_ + std::chrono::seconds{1});
  EXPECT_EQ(shown.size(), PrometheusPage::kMostHosts);
  EXPECT_THAT(shown, Not(::testing::Contains("instance of first")));
}

}  // namespace
}  // namespace waybill::exporters
