#include <gtest/gtest.h>
#include <opentelemetry/proto/collector/metrics/v1/metrics_service.pb.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "waybill/exporters/delta_destination.h"
#include "waybill/exporters/http_transport.h"
#include "waybill/exporters/otlp_http_protocol.h"
#include "waybill/exporters/otlp_metric_encoder.h"
#include "waybill/exporters/periodic_metric_exporter.h"
#include "waybill/exporters/sending_metric_destination.h"
#include "waybill/exporters/testing/receiver.h"
#include "waybill/exporters/testing/sample_metrics.h"

// What a failing receiver does to metrics and their books, over real sockets.
namespace waybill::exporters {
namespace {

using configure::TemporalityPreference;
using opentelemetry::proto::collector::metrics::v1::ExportMetricsServiceRequest;
using opentelemetry::proto::collector::metrics::v1::ExportMetricsServiceResponse;
using testing::Answer;
using testing::kSent;
using testing::Receiver;
using testing::SnapshotBuilder;
using testing::status;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

Answer later(const char* seconds) {
  return [seconds](httplib::Response& response) {
    response.status = 429;
    response.set_header("Retry-After", seconds);
  };
}

Answer partial(std::int64_t rejected) {
  return [rejected](httplib::Response& response) {
    ExportMetricsServiceResponse body;
    body.mutable_partial_success()->set_rejected_data_points(rejected);
    body.mutable_partial_success()->set_error_message("too old");
    response.set_content(body.SerializeAsString(), "application/x-protobuf");
  };
}

class MetricFaultsTest : public ::testing::Test {
 protected:
  // `timeout`: the OTLP exporter's own; the one for an export is shorter when `deadline` is.
  std::unique_ptr<PeriodicMetricExporter> exporter_to(const std::string& url,
                                                      std::chrono::milliseconds timeout = 60s,
                                                      std::chrono::milliseconds deadline = 60s) {
    http_.endpoint = url;
    http_.timeout = timeout;
    std::unique_ptr<MetricDestination> destination = std::make_unique<SendingMetricDestination>(
        std::make_unique<OtlpMetricEncoder>(preference_),
        std::make_unique<HttpTransport>(http_, std::make_unique<OtlpHttpProtobufProtocol>(),
                                        RetryPolicy{.first = 1ms, .most = 2ms}));
    if (preference_ != TemporalityPreference::kCumulative)
      destination = std::make_unique<DeltaDestination>(std::move(destination), preference_);
    return std::make_unique<PeriodicMetricExporter>(std::move(destination),
                                                    PeriodicMetricExporter::Timing{1min, deadline}, log_);
  }
  static MetricSnapshots sent(std::int64_t count, bool last = false) {
    SnapshotBuilder builder;
    builder.count(kSent, "orders", count);
    if (last) builder.last();
    return {builder.build()};
  }
  static bool export_now(PeriodicMetricExporter& exporter, MetricSnapshots snapshots) {
    exporter.submit(std::move(snapshots));
    return exporter.flush(Clock::now() + 60s);
  }
  static std::vector<std::int64_t> values(const Receiver& receiver) {
    std::vector<std::int64_t> all;
    for (const std::string& body : receiver.bodies()) {
      ExportMetricsServiceRequest request;
      EXPECT_TRUE(request.ParseFromString(body));
      all.push_back(request.resource_metrics(0).scope_metrics(0).metrics(0).sum().data_points(0).as_int());
    }
    return all;
  }

  Log log_{[] { return Clock::now(); }, [](const std::string&) {}};
  configure::HttpSettings http_;
  TemporalityPreference preference_ = TemporalityPreference::kCumulative;
};

TEST_F(MetricFaultsTest, EachAnswerHasItsPlaceInTheBooks) {
  struct Row {
    const char* name;
    std::vector<Answer> answers;
    MetricExporterStatistics books;  // of one point
  };
  const Row rows[] = {
      {"200", {}, {.submitted = 1, .exported = 1}},
      {"503, then 200", {status(503)}, {.submitted = 1, .exported = 1, .retries = 1}},
      {"502 and 504, then 200", {status(502), status(504)}, {.submitted = 1, .exported = 1, .retries = 2}},
      {"429 with Retry-After", {later("1")}, {.submitted = 1, .exported = 1, .retries = 1}},
      {"429 with a Retry-After beyond the time-out", {later("3600")}, {.submitted = 1, .dropped = 1}},
      {"400", {status(400)}, {.submitted = 1, .dropped = 1}},
      {"413", {status(413)}, {.submitted = 1, .dropped = 1}},
      {"500", {status(500)}, {.submitted = 1, .dropped = 1}},
      {"partial success", {partial(1)}, {.submitted = 1, .dropped = 1}},
      {"a warning", {partial(0)}, {.submitted = 1, .exported = 1}},
  };
  for (const Row& row : rows) {
    Receiver receiver{"/v1/metrics"};
    for (const Answer& answer : row.answers) receiver.answer({answer});
    const auto exporter = exporter_to(receiver.url());
    EXPECT_TRUE(export_now(*exporter, sent(1))) << row.name;
    const MetricExporterStatistics books = exporter->statistics();
    EXPECT_EQ(books.submitted, row.books.submitted) << row.name;
    EXPECT_EQ(books.exported, row.books.exported) << row.name;
    EXPECT_EQ(books.dropped, row.books.dropped) << row.name;
    EXPECT_EQ(books.retries, row.books.retries) << row.name;
    EXPECT_EQ(books.pending, 0U) << row.name;
  }
}

TEST_F(MetricFaultsTest, NobodyThereCostsTheTimeOutAndNoMore) {
  const auto exporter = exporter_to("http://127.0.0.1:1/v1/metrics", 50ms);
  EXPECT_TRUE(export_now(*exporter, sent(1)));
  EXPECT_EQ(exporter->statistics().dropped, 1U);
  EXPECT_GT(exporter->statistics().retries, 0U);
}

TEST_F(MetricFaultsTest, AReceiverThatHangsCostsTheTimeOfOneExport) {
  Receiver receiver{"/v1/metrics"};
  std::atomic<bool> is_over{false};
  const Answer hang = [&](httplib::Response&) {
    while (!is_over) std::this_thread::sleep_for(1ms);
  };
  receiver.answer({hang, hang, hang, hang});  // a little of the time may be left for another try
  const auto exporter = exporter_to(receiver.url(), 60s, 50ms);
  EXPECT_TRUE(export_now(*exporter, sent(1)));
  is_over = true;
  EXPECT_EQ(exporter->statistics().dropped, 1U);
}

TEST_F(MetricFaultsTest, WhatWasCountedWhileTheReceiverWasAwayComesWithTheNextNumbers) {
  for (const TemporalityPreference preference :
       {TemporalityPreference::kCumulative, TemporalityPreference::kDelta}) {
    preference_ = preference;
    Receiver receiver{"/v1/metrics"};
    receiver.answer({status(200), status(400), status(400), status(200), status(200)});
    const auto exporter = exporter_to(receiver.url());
    for (const std::int64_t count : {10, 12, 15, 20}) export_now(*exporter, sent(count));
    export_now(*exporter, sent(21, true));
    const bool is_delta = preference == TemporalityPreference::kDelta;
    EXPECT_EQ(values(receiver),
              (is_delta ? std::vector<std::int64_t>{10, 10, 1} : std::vector<std::int64_t>{10, 20, 21}));
  }
}

TEST_F(MetricFaultsTest, SendsItsHeadersAndPacksTheBody) {
  Receiver receiver{"/v1/metrics"};
  http_.headers = {{"api-key", "secret"}};
  http_.compression = configure::Compression::kGzip;
  const auto exporter = exporter_to(receiver.url());
  EXPECT_TRUE(export_now(*exporter, sent(7)));
  EXPECT_EQ(receiver.header("Content-Type"), "application/x-protobuf");
  EXPECT_EQ(receiver.header("Content-Encoding"), "gzip");
  EXPECT_EQ(receiver.header("api-key"), "secret");
  EXPECT_EQ(values(receiver), std::vector<std::int64_t>{7});
}

TEST_F(MetricFaultsTest, DividesManyHostsIntoSeveralRequests) {
  Receiver receiver{"/v1/metrics"};
  const auto exporter = exporter_to(receiver.url());
  MetricSnapshots snapshots;
  for (int host = 0; host < 4; ++host) {
    SnapshotBuilder builder{"host " + std::to_string(host)};
    for (int topic = 0; topic < 2'000; ++topic) builder.count(kSent, "topic " + std::to_string(topic), 1);
    snapshots.push_back(builder.build());
  }
  EXPECT_TRUE(export_now(*exporter, snapshots));
  EXPECT_EQ(receiver.requests, 2);
  EXPECT_EQ(exporter->statistics().exported, 8'000U);
}

}  // namespace
}  // namespace waybill::exporters
