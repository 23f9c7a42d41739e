#include "waybill/exporters/http_transport.h"

#include <gtest/gtest.h>
#include <opentelemetry/proto/collector/trace/v1/trace_service.pb.h>

#include <future>

#include "waybill/exporters/encoding_destination.h"
#include "waybill/exporters/otlp_encoder.h"
#include "waybill/exporters/otlp_http_protocol.h"
#include "waybill/exporters/queued_exporter.h"
#include "waybill/exporters/testing/receiver.h"
#include "waybill/exporters/testing/sample_spans.h"
#include "waybill/exporters/testing/unknown_host.h"

// A transport and the exporter that it serves, together: what a receiver's answers do to the books.
namespace waybill::exporters {
namespace {

using namespace std::chrono_literals;
using opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest;
using opentelemetry::proto::collector::trace::v1::ExportTraceServiceResponse;
using testing::batch_of;
using testing::Receiver;
using testing::status;

// How many spans the receiver took.
int spans_of(const Receiver& receiver) {
  int spans = 0;
  for (const std::string& body : receiver.bodies()) {
    ExportTraceServiceRequest message;
    EXPECT_TRUE(message.ParseFromString(body));
    for (const auto& one : message.resource_spans()) spans += one.scope_spans(0).spans_size();
  }
  return spans;
}

class HttpTransportTest : public ::testing::Test {
 protected:
  HttpTransportTest() {
    otlp_.endpoint = receiver_.url();
    batch_.schedule_delay = 0ms;
  }

  std::unique_ptr<QueuedExporter> make() {
    auto transport = std::make_unique<HttpTransport>(otlp_, std::make_unique<OtlpHttpProtobufProtocol>(),
                                                     RetryPolicy{.first = 1ms, .most = 2ms});
    return std::make_unique<QueuedExporter>(
        std::make_unique<EncodingDestination>(std::make_unique<OtlpTraceEncoder>(), std::move(transport)),
        batch_, log_);
  }

  // Sends `count` spans and waits until they are exported or given up.
  ExporterStatistics send(QueuedExporter& exporter, std::size_t count) {
    exporter.submit(batch_of(count));
    EXPECT_TRUE(exporter.flush(std::chrono::steady_clock::now() + 30s));
    const ExporterStatistics statistics = exporter.statistics();
    EXPECT_EQ(statistics.submitted, statistics.exported + statistics.dropped() + statistics.pending);
    return statistics;
  }

  Receiver receiver_;
  configure::HttpSettings otlp_;
  configure::BatchSettings batch_;
  std::vector<std::string> said_;
  Log log_{[] { return std::chrono::steady_clock::now(); },
           [this](const std::string& line) { said_.push_back(line); }};
};

TEST_F(HttpTransportTest, SendsSpansWithTheHeadersOfTheSpecificationAndOfTheUser) {
  otlp_.headers = {{"x-token", "secret"}};
  const auto exporter = make();
  EXPECT_EQ(send(*exporter, 3).exported, 3U);
  EXPECT_EQ(spans_of(receiver_), 3);
  EXPECT_EQ(receiver_.header("Content-Type"), "application/x-protobuf");
  EXPECT_EQ(receiver_.header("x-token"), "secret");
  EXPECT_TRUE(receiver_.header("User-Agent").starts_with("OTel-OTLP-Exporter-Waybill/"));
  EXPECT_EQ(receiver_.header("Content-Encoding"), "");
}

TEST_F(HttpTransportTest, PacksBodiesWhenAsked) {
  otlp_.compression = configure::Compression::kGzip;
  const auto exporter = make();
  EXPECT_EQ(send(*exporter, 100).exported, 100U);
  EXPECT_EQ(spans_of(receiver_), 100);
  EXPECT_EQ(receiver_.header("Content-Encoding"), "gzip");
}

TEST_F(HttpTransportTest, TriesAgainWhereTheSpecificationSaysSo) {
  receiver_.answer({status(429), status(502), status(503), status(504)});
  const auto exporter = make();
  const ExporterStatistics statistics = send(*exporter, 2);
  EXPECT_EQ(statistics.exported, 2U);
  EXPECT_EQ(statistics.retries, 4U);
  EXPECT_EQ(receiver_.requests, 5);
  EXPECT_TRUE(said_.empty());
}

TEST_F(HttpTransportTest, TakesOtherFailuresForANoAndSaysSoOnceWithoutSecrets) {
  otlp_.headers = {{"x-token", "secret"}};
  receiver_.answer({status(400), status(500), status(401)});
  const auto exporter = make();
  send(*exporter, 1);
  send(*exporter, 1);
  const ExporterStatistics statistics = send(*exporter, 1);
  EXPECT_EQ(statistics.dropped_rejected, 3U);
  EXPECT_EQ(statistics.retries, 0U);
  ASSERT_EQ(said_.size(), 1U);
  EXPECT_NE(said_[0].find("it answered 400"), std::string::npos);
  EXPECT_EQ(said_[0].find("secret"), std::string::npos);
}

TEST_F(HttpTransportTest, ObeysRetryAfterWithinItsTimeOut) {
  otlp_.timeout = 500ms;
  receiver_.answer({[](httplib::Response& response) {
    response.status = 503;
    response.set_header("Retry-After", "60");
  }});
  const auto exporter = make();
  const ExporterStatistics statistics = send(*exporter, 1);
  EXPECT_EQ(statistics.dropped_unreachable, 1U);  // to wait for a minute does not fit into the time-out
  EXPECT_EQ(receiver_.requests, 1);
}

TEST_F(HttpTransportTest, CountsWhatAReceiverTookOnlyInPart) {
  receiver_.answer({[](httplib::Response& response) {
    ExportTraceServiceResponse body;
    body.mutable_partial_success()->set_rejected_spans(2);
    body.mutable_partial_success()->set_error_message("two are too old");
    response.set_content(body.SerializeAsString(), "application/x-protobuf");
  }});
  const auto exporter = make();
  const ExporterStatistics statistics = send(*exporter, 5);
  EXPECT_EQ(statistics.exported, 3U);
  EXPECT_EQ(statistics.dropped_rejected, 2U);
  ASSERT_EQ(said_.size(), 1U);
  EXPECT_NE(said_[0].find("two are too old"), std::string::npos);
}

TEST_F(HttpTransportTest, DropsAndCountsWhenNobodyListensAndSaysWhenTheReceiverIsBack) {
  otlp_.timeout = 50ms;
  receiver_.answer({status(503), status(503), status(503), status(503), status(503), status(503), status(503),
                    status(503), status(503), status(503), status(503), status(503), status(503), status(503),
                    status(503), status(503)});
  otlp_.timeout = 5ms;
  const auto exporter = make();
  EXPECT_EQ(send(*exporter, 4).dropped_unreachable, 4U);
  ExporterStatistics statistics;
  do {
    statistics = send(*exporter, 1);
  } while (statistics.exported == 0);
  ASSERT_EQ(said_.size(), 2U);
  EXPECT_NE(said_[0].find("no spans get to"), std::string::npos);
  EXPECT_NE(said_[1].find("takes spans again"), std::string::npos);
}

TEST_F(HttpTransportTest, GivesUpOnAClosedPortAndAnUnknownHost) {
  otlp_.timeout = 20ms;
  for (const std::string& endpoint : {std::string{"http://127.0.0.1:1/"}, testing::url_of_unknown_host()}) {
    otlp_.endpoint = endpoint;
    const auto exporter = make();
    EXPECT_EQ(send(*exporter, 1).dropped_unreachable, 1U);
  }
}

TEST_F(HttpTransportTest, DropsWhatDoesNotFitIntoTheQueueAndCountsIt) {
  batch_.max_queue_size = 10;
  std::promise<void> go_on;
  receiver_.answer({[hold = go_on.get_future().share()](httplib::Response&) { hold.wait(); }});
  const auto exporter = make();
  exporter->submit(batch_of(1));
  while (receiver_.requests == 0) std::this_thread::yield();  // the first is on its way now
  EXPECT_TRUE(exporter->submit(batch_of(10)));
  EXPECT_FALSE(exporter->submit(batch_of(5)));
  go_on.set_value();
  EXPECT_TRUE(exporter->flush(std::chrono::steady_clock::now() + 30s));
  const ExporterStatistics statistics = exporter->statistics();
  EXPECT_EQ(statistics.exported, 11U);
  EXPECT_EQ(statistics.dropped_queue_full, 5U);
}

TEST_F(HttpTransportTest, EndsAnExportAfterItsOwnTimeOutAlthoughARequestMayTakeLonger) {
  otlp_.timeout = 1h;
  batch_.export_timeout = 50ms;
  std::promise<void> go_on;
  receiver_.answer({[hold = go_on.get_future().share()](httplib::Response&) { hold.wait(); }});
  const auto exporter = make();
  EXPECT_EQ(send(*exporter, 1).dropped_unreachable, 1U);
  go_on.set_value();
}

TEST_F(HttpTransportTest, ShutsDownByTheDeadlineAlthoughTheReceiverHangs) {
  std::promise<void> go_on;
  receiver_.answer({[hold = go_on.get_future().share()](httplib::Response&) { hold.wait(); }});
  const auto exporter = make();
  exporter->submit(batch_of(3));
  while (receiver_.requests == 0) std::this_thread::yield();
  exporter->shutdown(std::chrono::steady_clock::now() + 10ms);
  const ExporterStatistics statistics = exporter->statistics();
  go_on.set_value();
  EXPECT_EQ(statistics.dropped_unreachable, 3U);
  EXPECT_EQ(statistics.pending, 0U);
  ASSERT_FALSE(said_.empty());
  EXPECT_NE(said_.back().find("3 of 3 spans"), std::string::npos);
}

TEST_F(HttpTransportTest, DoesNotCountAsLostWhatTheNextProcessWillSend) {
  std::promise<void> go_on;
  receiver_.answer({[hold = go_on.get_future().share()](httplib::Response&) { hold.wait(); }});
  const auto exporter = make();
  const auto kept = [] {
    const std::shared_ptr<telemetry::SpanBatch> batch = batch_of(3);
    batch->kept_for_next = true;
    return batch;
  };
  exporter->submit(kept());
  while (receiver_.requests == 0) std::this_thread::yield();
  exporter->submit(kept());
  exporter->submit(batch_of(2));
  exporter->shutdown(std::chrono::steady_clock::now() + 10ms);
  const ExporterStatistics statistics = exporter->statistics();
  go_on.set_value();
  EXPECT_EQ(statistics.dropped_unreachable, 2U);
  EXPECT_EQ(statistics.pending, 6U);
  ASSERT_EQ(said_.size(), 2U);
  EXPECT_NE(said_[0].find("2 of 8 spans"), std::string::npos);
  EXPECT_NE(said_[1].find("6 spans"), std::string::npos);
}

TEST_F(HttpTransportTest, GivesBatchesBackBeforeAFlushReturns) {
  const auto exporter = make();
  for (int turn = 0; turn < 50; ++turn) {
    std::atomic<bool> back = false;
    const std::shared_ptr<telemetry::SpanBatch> made = batch_of(1);
    exporter->submit({new telemetry::SpanBatch{std::move(*made)}, [&back](const telemetry::SpanBatch* batch) {
                        delete batch;
                        std::this_thread::yield();
                        back = true;
                      }});
    ASSERT_TRUE(exporter->flush(std::chrono::steady_clock::now() + 30s));
    ASSERT_TRUE(back);
  }
}

TEST_F(HttpTransportTest, NeverShowsAPasswordOfTheUrl) {
  otlp_.timeout = 10ms;
  otlp_.endpoint = "http://user:hidden@127.0.0.1:1/v1/traces";
  auto exporter = make();
  send(*exporter, 1);
  exporter.reset();
  ASSERT_FALSE(said_.empty());
  for (const std::string& line : said_) EXPECT_EQ(line.find("hidden"), std::string::npos) << line;
}

}  // namespace
}  // namespace waybill::exporters
