#include "waybill/exporters/encoding_destination.h"

#include <gtest/gtest.h>
#include <opentelemetry/proto/collector/trace/v1/trace_service.pb.h>

#include <deque>
#include <string>
#include <vector>

#include "waybill/exporters/otlp_encoder.h"
#include "waybill/exporters/queued_exporter.h"
#include "waybill/exporters/testing/sample_spans.h"
#include "waybill/exporters/testing/small_transport.h"

namespace waybill::exporters {
namespace {

using namespace std::chrono_literals;
using opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest;
using testing::batch_of;
using testing::sample_span;
using Outcome = Delivery::Outcome;

std::size_t spans_of(const ExportTraceServiceRequest& request) {
  std::size_t spans = 0;
  for (const auto& resource : request.resource_spans())
    spans += static_cast<std::size_t>(resource.scope_spans(0).spans_size());
  return spans;
}

std::size_t encoded_size(std::size_t spans) {
  OtlpTraceEncoder encoder;
  const std::shared_ptr<const telemetry::SpanBatch> batch = batch_of(spans);
  return encoder.encode({&batch, 1}).size();
}

class EncodingDestinationTest : public ::testing::Test {
 protected:
  // The books after these spans, which go to a receiver that takes `at_once` spans in a request.
  ExporterStatistics send(std::vector<std::shared_ptr<telemetry::SpanBatch>> batches, std::size_t at_once,
                          std::deque<Delivery> answers = {}) {
    auto transport = std::make_unique<testing::SmallTransport>(encoded_size(at_once));
    testing::SmallTransport& small = *transport;
    small.answers = std::move(answers);
    // So that all of them are delivered together.
    const configure::BatchSettings together{.schedule_delay = 1h, .max_export_batch_size = 1000};
    QueuedExporter exporter{
        std::make_unique<EncodingDestination>(std::make_unique<OtlpTraceEncoder>(), std::move(transport)),
        together, log_};
    for (auto& batch : batches) exporter.submit(std::move(batch));
    EXPECT_TRUE(exporter.flush(std::chrono::steady_clock::now() + 60s));
    requests_.clear();
    for (const std::string& body : small.bodies) EXPECT_TRUE(requests_.emplace_back().ParseFromString(body));
    const ExporterStatistics books = exporter.statistics();
    EXPECT_EQ(books.submitted, books.exported + books.dropped() + books.pending);
    return books;
  }

  std::vector<ExportTraceServiceRequest> requests_;
  Log log_{[] { return std::chrono::steady_clock::now(); }, [](const std::string&) {}};
};

TEST_F(EncodingDestinationTest, SendsInOneRequestWhatTheReceiverTakes) {
  EXPECT_EQ(send({batch_of(10)}, 10).exported, 10U);
  EXPECT_EQ(requests_.size(), 1U);
}

TEST_F(EncodingDestinationTest, SendsInSeveralRequestsWhatIsTooLargeForOne) {
  std::vector<telemetry::Span> spans(10, sample_span());
  for (std::size_t at = 0; at < spans.size(); ++at) spans[at].start_unix_ns = at + 1;
  EXPECT_EQ(send({batch_of(spans)}, 3).exported, 10U);
  std::vector<std::uint64_t> starts;
  for (const ExportTraceServiceRequest& request : requests_) {
    for (const auto& resource : request.resource_spans()) {
      EXPECT_EQ(resource.resource().attributes_size(), 1);
      for (const auto& span : resource.scope_spans(0).spans()) {
        EXPECT_EQ(span.name(), "send orders");
        starts.push_back(span.start_time_unix_nano());
      }
    }
  }
  EXPECT_EQ(starts, (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
}

TEST_F(EncodingDestinationTest, DividesBetweenBatchesAndInsideOfThem) {
  EXPECT_EQ(send({batch_of(1), batch_of(7), batch_of(2)}, 4).exported, 10U);
  std::size_t spans = 0;
  for (const ExportTraceServiceRequest& request : requests_) spans += spans_of(request);
  EXPECT_EQ(spans, 10U);
}

TEST_F(EncodingDestinationTest, RefusesASpanThatIsTooLargeAloneAndSendsTheOthers) {
  telemetry::SpanShape large = testing::sample_shape();
  const std::string name(10'000, 'x');
  large.name = name;
  const ExporterStatistics books = send({batch_of(3), batch_of({sample_span()}, "shop", large)}, 3);
  EXPECT_EQ(books.exported, 3U);
  EXPECT_EQ(books.dropped_rejected, 1U);
}

TEST_F(EncodingDestinationTest, CountsEachRequestAsItIsAnswered) {
  const Delivery no{Outcome::kRejected, 0, "no", 0};
  const Delivery later{Outcome::kUnreachable, 0, "later", 2};
  const Delivery in_part{Outcome::kTaken, 1, "one is too old", 0};
  ExporterStatistics books = send({batch_of(8)}, 2, {no, later, in_part, {}});
  EXPECT_EQ(requests_.size(), 4U);
  EXPECT_EQ(books.exported, 3U);
  EXPECT_EQ(books.dropped_rejected, 3U);
  EXPECT_EQ(books.dropped_unreachable, 2U);
  EXPECT_EQ(books.retries, 2U);

  books = send({batch_of(4)}, 2, {no, later});
  EXPECT_EQ(books.exported, 0U);
  EXPECT_EQ(books.dropped_rejected, 2U);
  EXPECT_EQ(books.dropped_unreachable, 2U);
}

TEST_F(EncodingDestinationTest, TakesAnExportThatWasStoppedForNotAnswered) {
  const ExporterStatistics books = send({batch_of(4)}, 2, {{}, {Outcome::kStopped, 0, "the end", 0}});
  EXPECT_EQ(books.exported, 0U);
  EXPECT_EQ(books.dropped_unreachable, 4U);
}

}  // namespace
}  // namespace waybill::exporters
