// bench-spans: sends an hour of made-up telemetry to a receiver of OTLP/HTTP as fast as it is taken, over
// several connections. A line of JSON tells of each request that was answered, with a message that may be
// asked for; the last line sums up. bench/server.py runs it.

#include <httplib.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "metric_requests.h"
#include "span_requests.h"
#include "traffic.h"

namespace {

using Json = nlohmann::ordered_json;
using waybill::bench::MessageCounts;
using waybill::bench::Sample;
using waybill::bench::SpanRequests;
using waybill::bench::Traffic;
using Clock = std::chrono::steady_clock;

// A connection takes so many traces in turn, so that all are at about the same time of the hour.
constexpr std::uint64_t kTracesAtOnce = 128;

struct Options {
  std::string url;
  std::uint64_t spans = 200'000;
  std::size_t connections = 4;
  std::size_t batch = 512;
  std::int64_t begin_ms = 0;
};

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

void say(const Json& line) {
  static std::mutex mutex;
  const std::lock_guard lock{mutex};
  std::puts(line.dump().c_str());
  std::fflush(stdout);
}

class Connection {
 public:
  explicit Connection(const std::string& url) : http_{url} {
    http_.set_keep_alive(true);
    http_.set_tcp_nodelay(true);
    http_.set_read_timeout(std::chrono::seconds{60});
  }

  // Tries again as an exporter does when it hears of 503, and gives up otherwise.
  void post(const char* path, const std::string& body) {
    while (true) {
      const auto answer = http_.Post(path, body, "application/x-protobuf");
      if (answer && answer->status == 200) return;
      if (answer && answer->status == 503) {
        std::this_thread::sleep_for(std::chrono::milliseconds{100});
        continue;
      }
      std::fprintf(stderr, "bench-spans: %s was answered with %s\n", path,
                   answer ? std::to_string(answer->status).c_str() : to_string(answer.error()).c_str());
      std::exit(1);
    }
  }

 private:
  httplib::Client http_;
};

Json json_of(const Sample& sample) {
  if (sample.topic.empty()) return nullptr;
  return {{"topic", sample.topic}, {"partition", sample.partition}, {"offset", sample.offset},
          {"key", sample.key},     {"trace", sample.trace},         {"span", sample.span}};
}

struct Sent {
  std::uint64_t spans = 0;
  MessageCounts counts;
};

Sent send_spans(const Options& options, const Traffic& traffic, std::atomic<std::uint64_t>& next) {
  Connection connection{options.url};
  Sent sent;
  SpanRequests requests{options.batch, [&](const std::string& body, std::size_t spans, const Sample& sample) {
                          const Clock::time_point begin = Clock::now();
                          connection.post("/v1/traces", body);
                          sent.spans += spans;
                          say({{"spans", spans},
                               {"ms", seconds_since(begin) * 1e3},
                               {"bytes", body.size()},
                               {"message", json_of(sample)}});
                        }};
  for (std::uint64_t at = next.fetch_add(kTracesAtOnce); at < traffic.traces();
       at = next.fetch_add(kTracesAtOnce)) {
    const std::uint64_t end = std::min(at + kTracesAtOnce, traffic.traces());
    for (std::uint64_t number = at; number < end; ++number) {
      const auto trace = traffic.trace(number);
      sent.counts.add(traffic, trace);
      requests.add(trace);
    }
  }
  requests.flush();
  return sent;
}

Sent send_all_spans(const Options& options, const Traffic& traffic) {
  std::atomic<std::uint64_t> next{0};
  std::vector<Sent> parts(options.connections);
  {
    std::vector<std::jthread> threads;
    for (Sent& part : parts)
      threads.emplace_back([&, to = &part] { *to = send_spans(options, traffic, next); });
  }
  Sent all;
  for (const Sent& part : parts) {
    all.spans += part.spans;
    all.counts.add(part.counts);
  }
  return all;
}

void send_metrics(const Options& options, const Traffic& traffic, const MessageCounts& counts) {
  Connection connection{options.url};
  make_metric_requests(traffic, counts,
                       [&](const std::string& body) { connection.post("/v1/metrics", body); });
}

void describe(CLI::App& app, Options& options) {
  app.add_option("--url", options.url, "The receiver, http://HOST:PORT")->required();
  app.add_option("--spans", options.spans, "About how many")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--connections", options.connections, "Over which they go, each one request after the other")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--batch", options.batch, "Spans in a request")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--begin", options.begin_ms, "When the hour began, milliseconds since 1970")->required();
}

}  // namespace

int main(int count, char** values) {
  Options options;
  CLI::App app{"Sends an hour of made-up telemetry to a receiver of OTLP/HTTP."};
  describe(app, options);
  CLI11_PARSE(app, count, values);
  const Traffic traffic{options.spans, options.begin_ms * 1'000'000};
  const Clock::time_point begin = Clock::now();
  const Sent sent = send_all_spans(options, traffic);
  const double seconds = seconds_since(begin);
  send_metrics(options, traffic, sent.counts);
  say({{"all", sent.spans}, {"seconds", seconds}});
  return 0;
}
