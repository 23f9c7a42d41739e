#include <absl/strings/escaping.h>
#include <gtest/gtest.h>
#include <opentelemetry/proto/collector/trace/v1/trace_service.pb.h>

#include <atomic>
#include <string>

#include "waybill/exporters/encoding_destination.h"
#include "waybill/exporters/http_transport.h"
#include "waybill/exporters/otlp_encoder.h"
#include "waybill/exporters/otlp_grpc_protocol.h"
#include "waybill/exporters/protobuf_writer.h"
#include "waybill/exporters/queued_exporter.h"
#include "waybill/exporters/testing/http2_receiver.h"
#include "waybill/exporters/testing/sample_spans.h"
#include "waybill/exporters/testing/unknown_host.h"

// What each kind of failing gRPC receiver does to the books.
namespace waybill::exporters {
namespace {

using namespace std::chrono_literals;
using opentelemetry::proto::collector::trace::v1::ExportTraceServiceResponse;
using testing::Http2Receiver;
using testing::Http2Stream;
using Fields = Http2Stream::Fields;

const Fields kHead{{":status", "200"}, {"content-type", "application/grpc"}};

std::string message(std::string_view body) {
  std::string framed(4, '\0');
  framed += static_cast<char>(body.size());
  return framed + std::string{body};
}

bool take(const Http2Stream& stream) {
  stream.headers(kHead, false);
  stream.data(message(""), false);
  stream.headers({{"grpc-status", "0"}}, true);
  return true;
}

// An answer without a body.
Http2Receiver::Answer no(const Fields& trailers) {
  return [=](const Http2Stream& stream) {
    Fields fields = kHead;
    fields.insert(fields.end(), trailers.begin(), trailers.end());
    stream.headers(fields, true);
    return true;
  };
}
Http2Receiver::Answer code(int number) {
  return no({{"grpc-status", std::to_string(number)}, {"grpc-message", "not%20now"}});
}

// The details of a google.rpc.Status with a RetryInfo.
std::string retry_info(std::uint64_t seconds) {
  ByteBuffer bytes;
  ProtobufWriter writer{bytes};
  const auto detail = writer.begin(3);
  writer.text(1, "type.googleapis.com/google.rpc.RetryInfo");
  const auto info = writer.begin(2);
  const auto delay = writer.begin(1);
  writer.varint(1, seconds);
  for (const auto& mark : {delay, info, detail}) writer.end(mark);
  return absl::Base64Escape(std::string{bytes.view()});
}
Http2Receiver::Answer code_with_retry_info(int number, std::uint64_t seconds) {
  return no({{"grpc-status", std::to_string(number)}, {"grpc-status-details-bin", retry_info(seconds)}});
}

Http2Receiver::Answer http_status(const std::string& status) {
  return [=](const Http2Stream& stream) {
    stream.headers({{":status", status}}, true);
    return true;
  };
}

bool take_a_third(const Http2Stream& stream) {
  ExportTraceServiceResponse response;
  response.mutable_partial_success()->set_rejected_spans(2);
  response.mutable_partial_success()->set_error_message("too old");
  stream.headers(kHead, false);
  stream.data(message(response.SerializeAsString()), false);
  stream.headers({{"grpc-status", "0"}}, true);
  return true;
}

bool answer_slowly(const Http2Stream& stream) {
  stream.headers(kHead, false);
  for (const char byte : message("")) stream.data({&byte, 1}, false);
  stream.headers({{"grpc-status", "0"}}, true);
  return true;
}

bool reset_in_mid_body(const Http2Stream& stream) {
  stream.headers(kHead, false);
  stream.data(message("").substr(0, 2), false);
  testing::reset_when_closed(stream.connection());
  return false;
}

bool half_an_answer(const Http2Stream& stream) {
  stream.headers(kHead, false);
  return false;
}

bool go_away(const Http2Stream& stream) {
  stream.go_away(0);
  return false;
}

struct Row {
  const char* name;
  Http2Receiver::Answer fault;
  ExporterStatistics books;  // of three spans
  int requests;              // that reach the receiver, the fault among them
};

ExporterStatistics taken_after(std::uint64_t retries) {
  return {.submitted = 3, .exported = 3, .retries = retries};
}
ExporterStatistics rejected() { return {.submitted = 3, .dropped_rejected = 3}; }
ExporterStatistics unreachable() { return {.submitted = 3, .dropped_unreachable = 3}; }

class GrpcFaultTableTest : public ::testing::Test {
 protected:
  ExporterStatistics books_after(const std::string& url, std::chrono::milliseconds timeout) {
    configure::HttpSettings settings;
    settings.endpoint = url;
    settings.timeout = timeout;
    auto transport = std::make_unique<HttpTransport>(settings, std::make_unique<OtlpGrpcProtocol>(),
                                                     RetryPolicy{.first = 1ms, .most = 2ms});
    QueuedExporter exporter{
        std::make_unique<EncodingDestination>(std::make_unique<OtlpTraceEncoder>(), std::move(transport)),
        configure::BatchSettings{}, log_};
    exporter.submit(testing::batch_of(3));
    EXPECT_TRUE(exporter.flush(std::chrono::steady_clock::now() + 60s));
    return exporter.statistics();
  }

  // The first request meets the fault, others are taken.
  void expect_books(const Row& row) {
    std::atomic<int> requests = 0;
    Http2Receiver receiver{
        [&](const Http2Stream& stream) { return requests++ == 0 ? row.fault(stream) : take(stream); }};
    const ExporterStatistics books = books_after(receiver.url(), 60s);
    EXPECT_EQ(books.exported, row.books.exported) << row.name;
    EXPECT_EQ(books.pending, 0U) << row.name;
    EXPECT_EQ(books.dropped_rejected, row.books.dropped_rejected) << row.name;
    EXPECT_EQ(books.dropped_unreachable, row.books.dropped_unreachable) << row.name;
    EXPECT_EQ(books.retries, row.books.retries) << row.name;
    EXPECT_EQ(requests, row.requests) << row.name;
  }

  std::vector<std::string> said_;
  Log log_{[] { return std::chrono::steady_clock::now(); },
           [this](const std::string& line) { said_.push_back(line); }};
};

TEST_F(GrpcFaultTableTest, EachFaultOfTheConnectionHasItsPlaceInTheBooks) {
  constexpr std::uint32_t kInternalError = 2, kEnhanceYourCalm = 11;
  const Row rows[] = {
      {"closed without an answer", [](const Http2Stream&) { return false; }, taken_after(1), 2},
      {"half an answer", half_an_answer, taken_after(1), 2},
      {"reset in mid-body", reset_in_mid_body, taken_after(1), 2},
      {"the stream is reset",
       [](const Http2Stream& stream) {
         stream.reset(kInternalError);
         return true;
       },
       taken_after(1), 2},
      {"the stream is reset in mid-body",
       [](const Http2Stream& stream) {
         stream.headers(kHead, false);
         stream.reset(kEnhanceYourCalm);
         return true;
       },
       taken_after(1), 2},
      {"goes away", go_away, taken_after(1), 2},
      {"not HTTP/2",
       [](const Http2Stream& stream) {
         testing::send_text(stream.connection(), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
         return false;
       },
       taken_after(1), 2},
      {"slow", answer_slowly, taken_after(0), 1},
  };
  for (const Row& row : rows) expect_books(row);
}

TEST_F(GrpcFaultTableTest, EachCodeHasItsPlaceInTheBooks) {
  for (const int later : {1, 4, 10, 11, 14, 15}) expect_books({"later", code(later), taken_after(1), 2});
  for (const int never : {2, 3, 5, 6, 7, 8, 9, 12, 13, 16, 17, 99})
    expect_books({"never", code(never), rejected(), 1});
  const Row rows[] = {
      {"UNAVAILABLE with RetryInfo", code_with_retry_info(14, 1), taken_after(1), 2},
      {"UNAVAILABLE with a RetryInfo beyond the time-out", code_with_retry_info(14, 3600), unreachable(), 1},
      {"RESOURCE_EXHAUSTED with RetryInfo", code_with_retry_info(8, 0), taken_after(1), 2},
      {"INVALID_ARGUMENT with RetryInfo", code_with_retry_info(3, 0), rejected(), 1},
      {"a code that is none", no({{"grpc-status", "fine"}}), rejected(), 1},
      {"partial success", take_a_third, {.submitted = 3, .exported = 1, .dropped_rejected = 2}, 1},
  };
  for (const Row& row : rows) expect_books(row);
}

TEST_F(GrpcFaultTableTest, AnAnswerWithoutACodeIsJudgedByItsHttpStatus) {
  for (const char* later : {"429", "502", "503", "504"})
    expect_books({later, http_status(later), taken_after(1), 2});
  for (const char* never : {"200", "400", "401", "404", "500"})
    expect_books({never, http_status(never), rejected(), 1});
}

TEST_F(GrpcFaultTableTest, SaysWhatTheReceiverSaid) {
  expect_books({"never", code(7), rejected(), 1});
  ASSERT_FALSE(said_.empty());
  EXPECT_NE(said_[0].find("it answered PERMISSION_DENIED: not now"), std::string::npos) << said_[0];
}

TEST_F(GrpcFaultTableTest, ARefusedConnectionAndAnUnknownHostAreTriedAgainUntilTheTimeOut) {
  for (const std::string& url : {std::string{"http://127.0.0.1:1/"}, testing::url_of_unknown_host()}) {
    const ExporterStatistics books = books_after(url, 500ms);
    EXPECT_EQ(books.dropped_unreachable, 3U) << url;
    EXPECT_GT(books.retries, 0U) << url;
  }
}

TEST_F(GrpcFaultTableTest, AReceiverThatHangsCostsTheTimeOutAndNoMore) {
  std::atomic<int> requests = 0;
  Http2Receiver receiver{[&](const Http2Stream&) {
    ++requests;
    return true;
  }};
  const ExporterStatistics books = books_after(receiver.url(), 200ms);
  EXPECT_EQ(books.dropped_unreachable, 3U);
  EXPECT_EQ(books.retries, 0U);
  EXPECT_EQ(requests, 1);
}

TEST_F(GrpcFaultTableTest, ReadsRetryInfoThatIsDamagedAsNone) {
  for (const char* details : {"", "%%%", "AAAA", "GgA", "GgQKAmFi"}) {
    expect_books({details, no({{"grpc-status", "8"}, {"grpc-status-details-bin", details}}), rejected(), 1});
  }
}

}  // namespace
}  // namespace waybill::exporters
