#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <functional>
#include <string>

#include "waybill/exporters/encoding_destination.h"
#include "waybill/exporters/http_transport.h"
#include "waybill/exporters/otlp_encoder.h"
#include "waybill/exporters/otlp_http_protocol.h"
#include "waybill/exporters/otlp_json_encoder.h"
#include "waybill/exporters/queued_exporter.h"
#include "waybill/exporters/testing/listening_socket.h"
#include "waybill/exporters/testing/sample_spans.h"
#include "waybill/exporters/testing/unknown_host.h"
#include "waybill/exporters/zipkin_encoder.h"
#include "waybill/exporters/zipkin_protocol.h"

// What each kind of failing receiver does to the books, whatever format it is sent.
namespace waybill::exporters {
namespace {

using namespace std::chrono_literals;
using testing::send_text;

std::string response(const std::string& status, const std::string& more = "Content-Length: 0\r\n\r\n") {
  return "HTTP/1.1 " + status + "\r\n" + more;
}

// Answers the first request as the fault says, or each of them; others with 200.
class FailingReceiver {
 public:
  using Fault = std::function<void(int connection)>;

  explicit FailingReceiver(Fault fault, bool each = false)
      : fault_{std::move(fault)}, each_{each}, socket_{[this](int connection) { serve(connection); }} {}

  std::string url() const { return socket_.url(); }
  int requests() const { return requests_; }

 private:
  void serve(int connection) {
    if (!read_request(connection)) return;
    if (requests_++ == 0 || each_) return fault_(connection);
    send_text(connection, response("200 OK", "Connection: close\r\nContent-Length: 0\r\n\r\n"));
  }
  static bool read_request(int connection) {
    std::string request;
    char part[4096];
    for (;;) {
      const ssize_t size = recv(connection, part, sizeof part, 0);
      if (size <= 0) return false;
      request.append(part, static_cast<std::size_t>(size));
      const std::size_t head = request.find("\r\n\r\n");
      const std::size_t length = request.find("Content-Length: ");
      if (head != std::string::npos && request.size() >= head + 4 + std::stoul(request.substr(length + 16)))
        return true;
    }
  }

  Fault fault_;
  bool each_;
  std::atomic<int> requests_ = 0;
  testing::ListeningSocket socket_;
};

void reset_in_mid_body(int connection) {
  send_text(connection, response("200 OK", "Content-Length: 100\r\n\r\nhalf"));
  testing::reset_when_closed(connection);
}

void answer_slowly(int connection) {
  for (const char character : response("200 OK", "Connection: close\r\nContent-Length: 0\r\n\r\n"))
    send_text(connection, {&character, 1});
}

FailingReceiver::Fault answer(const std::string& status, const std::string& headers = {}) {
  return [=](int connection) {
    send_text(connection, response(status, headers + "Connection: close\r\nContent-Length: 0\r\n\r\n"));
  };
}

struct Row {
  const char* name;
  FailingReceiver::Fault fault;
  std::chrono::milliseconds timeout;
  ExporterStatistics books;  // of three spans
  int requests;              // that reach the receiver, the fault among them
};

ExporterStatistics taken_after(std::uint64_t retries) {
  return {.submitted = 3, .exported = 3, .retries = retries};
}
ExporterStatistics rejected() { return {.submitted = 3, .dropped_rejected = 3}; }
ExporterStatistics unreachable() { return {.submitted = 3, .dropped_unreachable = 3}; }

class FaultTableTest : public ::testing::TestWithParam<int> {
 protected:
  static std::unique_ptr<SpanEncoder> encoder() {
    if (GetParam() == 0) return std::make_unique<OtlpTraceEncoder>();
    if (GetParam() == 1) return std::make_unique<OtlpJsonTraceEncoder>();
    return std::make_unique<ZipkinEncoder>();
  }
  static std::unique_ptr<ReceiverProtocol> protocol() {
    if (GetParam() == 0) return std::make_unique<OtlpHttpProtobufProtocol>();
    if (GetParam() == 1) return std::make_unique<OtlpHttpJsonProtocol>();
    return std::make_unique<ZipkinProtocol>();
  }

  // What an answer says that took one span of three; empty: the protocol has no such answer.
  static std::string partial_success() {
    if (GetParam() == 0) return "\x0a\x02\x08\x02";
    if (GetParam() == 1) return R"({"partialSuccess":{"rejectedSpans":"2"}})";
    return {};
  }

  ExporterStatistics books_after(const std::string& url, std::chrono::milliseconds timeout) {
    configure::HttpSettings settings;
    settings.endpoint = url;
    settings.timeout = timeout;
    auto transport =
        std::make_unique<HttpTransport>(settings, protocol(), RetryPolicy{.first = 1ms, .most = 2ms});
    QueuedExporter exporter{std::make_unique<EncodingDestination>(encoder(), std::move(transport)),
                            configure::BatchSettings{}, log_};
    exporter.submit(testing::batch_of(3));
    EXPECT_TRUE(exporter.flush(std::chrono::steady_clock::now() + 60s));
    return exporter.statistics();
  }

  static void expect_same(const ExporterStatistics& books, const ExporterStatistics& wanted,
                          const char* name) {
    EXPECT_EQ(books.submitted, wanted.submitted) << name;
    EXPECT_EQ(books.exported, wanted.exported) << name;
    EXPECT_EQ(books.pending, 0U) << name;
    EXPECT_EQ(books.dropped_rejected, wanted.dropped_rejected) << name;
    EXPECT_EQ(books.dropped_unreachable, wanted.dropped_unreachable) << name;
    EXPECT_EQ(books.retries, wanted.retries) << name;
  }

  Log log_{[] { return std::chrono::steady_clock::now(); }, [](const std::string&) {}};
};

TEST_P(FaultTableTest, EachFaultHasItsPlaceInTheBooks) {
  const Row rows[] = {
      {"closed without an answer", [](int) {}, 60s, taken_after(1), 2},
      {"half a status line", [](int to) { send_text(to, "HTTP/1."); }, 60s, taken_after(1), 2},
      {"half a body", [](int to) { send_text(to, response("200 OK", "Content-Length: 100\r\n\r\nhalf")); },
       60s, taken_after(1), 2},
      {"no more than a yes", [](int to) { send_text(to, "HTTP/1.1 200 OK\r\nContent-"); }, 60s,
       taken_after(0), 1},
      {"reset in mid-body", reset_in_mid_body, 60s, taken_after(1), 2},
      {"not HTTP", [](int to) { send_text(to, "what?\r\n\r\n"); }, 60s, taken_after(1), 2},
      {"slow", answer_slowly, 60s, taken_after(0), 1},
      {"429 with Retry-After", answer("429 Too Many Requests", "Retry-After: 1\r\n"), 60s, taken_after(1), 2},
      {"503", answer("503 Service Unavailable"), 60s, taken_after(1), 2},
      {"503 with a Retry-After beyond the time-out",
       answer("503 Service Unavailable", "Retry-After: 3600\r\n"), 60s, unreachable(), 1},
      {"400", answer("400 Bad Request"), 60s, rejected(), 1},
      {"413", answer("413 Content Too Large"), 60s, rejected(), 1},
      {"500", answer("500 Internal Server Error"), 60s, rejected(), 1},
  };
  for (const Row& row : rows) {
    FailingReceiver receiver{row.fault};
    expect_same(books_after(receiver.url(), row.timeout), row.books, row.name);
    EXPECT_EQ(receiver.requests(), row.requests) << row.name;
  }
}

TEST_P(FaultTableTest, ARefusedConnectionIsTriedAgainUntilTheTimeOut) {
  const ExporterStatistics books = books_after("http://127.0.0.1:1/", 500ms);
  EXPECT_EQ(books.dropped_unreachable, 3U);
  EXPECT_GT(books.retries, 0U);
}

TEST_P(FaultTableTest, AnUnknownHostIsTriedAgainUntilTheTimeOut) {
  const ExporterStatistics books = books_after(testing::url_of_unknown_host(), 500ms);
  EXPECT_EQ(books.dropped_unreachable, 3U);
  EXPECT_GT(books.retries, 0U);
}

TEST_P(FaultTableTest, WhatWasTakenInPartIsCountedForTheRest) {
  const std::string body = partial_success();
  FailingReceiver receiver{[&](int connection) {
    const std::string length = "Content-Length: " + std::to_string(body.size());
    send_text(connection, response("200 OK", "Connection: close\r\n" + length + "\r\n\r\n" + body));
  }};
  const ExporterStatistics books = books_after(receiver.url(), 60s);
  const std::uint64_t refused = body.empty() ? 0 : 2;
  EXPECT_EQ(books.exported, 3 - refused);
  EXPECT_EQ(books.dropped_rejected, refused);
  EXPECT_EQ(receiver.requests(), 1);
}

TEST_P(FaultTableTest, AReceiverThatHangsCostsTheTimeOutAndNoMore) {
  FailingReceiver receiver{testing::wait_until_the_client_goes, true};
  const ExporterStatistics books = books_after(receiver.url(), 100ms);
  EXPECT_EQ(books.dropped_unreachable, 3U);
  EXPECT_EQ(books.exported, 0U);
  EXPECT_EQ(books.retries, 0U);
  EXPECT_EQ(receiver.requests(), 1);
}

INSTANTIATE_TEST_SUITE_P(Formats, FaultTableTest, ::testing::Values(0, 1, 2));

}  // namespace
}  // namespace waybill::exporters
