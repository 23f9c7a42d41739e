// metric-source: hosts that count what they are told to count, and the exporters of metrics that OTEL_*
// variables name. Reads commands line by line, and answers each with "done":
//   send HOST TOPIC COUNT SECONDS   so many sends that took so long each
//   end HOST                        the host has ended
// At the end of its input it exports what is left and ends.

#include <array>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "waybill/configure/resolve.h"
#include "waybill/exporters/make_metric_exporters.h"

namespace {

using namespace waybill;
using Clock = std::chrono::steady_clock;

constexpr std::array<double, 3> kBounds{0.005, 0.1, 1};
constexpr telemetry::MetricDescription kSent{"messaging.client.sent.messages", "{message}",
                                             "Messages that were handed over.",
                                             telemetry::InstrumentKind::kCounter};
constexpr telemetry::MetricDescription kDuration{
    "messaging.client.operation.duration", "s",   "How long operations took.",
    telemetry::InstrumentKind::kHistogram, false, kBounds};
constexpr telemetry::MetricDescription kTopics{"example.topics",
                                               "{topic}",
                                               "Topics that were sent to.",
                                               telemetry::InstrumentKind::kUpDownCounter,
                                               true,
                                               {},
                                               true};
constexpr telemetry::MetricDescription kShare{"example.slow.share",
                                              "1",
                                              "The share of sends that took a second or more.",
                                              telemetry::InstrumentKind::kGauge,
                                              false,
                                              {},
                                              true};

std::uint64_t now_ns() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                        std::chrono::system_clock::now().time_since_epoch())
                                        .count());
}

struct Topic {
  std::int64_t sent = 0;
  std::array<std::uint64_t, kBounds.size() + 1> buckets{};
  double sum = 0;
};

// One host's numbers. Owned by whoever holds Hosts' lock.
class CountingHost {
 public:
  void send(const std::string& topic, std::int64_t count, double seconds) {
    Topic& numbers = topics_[topic];
    numbers.sent += count;
    std::size_t bucket = 0;
    while (bucket < kBounds.size() && seconds > kBounds[bucket]) ++bucket;
    numbers.buckets[bucket] += static_cast<std::uint64_t>(count);
    numbers.sum += seconds * static_cast<double>(count);
  }

  std::shared_ptr<const telemetry::MetricSnapshot> snapshot(const std::string& name, bool last) const {
    auto snapshot = std::make_shared<telemetry::MetricSnapshot>();
    auto resource = std::make_shared<telemetry::Resource>();
    resource->attributes = {{"service.name", resource->memory.keep(name)}};
    snapshot->source = name;
    snapshot->resource = std::move(resource);
    snapshot->last = last;
    snapshot->metrics = {{&kSent, {}}, {&kDuration, {}}, {&kTopics, {}}, {&kShare, {}}};
    for (const auto& [topic, numbers] : topics_) add(*snapshot, topic, numbers);
    telemetry::MetricPoint topics = point({});
    topics.integer = static_cast<std::int64_t>(topics_.size());
    snapshot->metrics[2].points.push_back(topics);
    return snapshot;
  }

 private:
  telemetry::MetricPoint point(std::span<const telemetry::Attribute> attributes) const {
    telemetry::MetricPoint point;
    point.attributes = attributes;
    point.start_unix_ns = start_;
    point.time_unix_ns = now_ns();
    return point;
  }

  void add(telemetry::MetricSnapshot& snapshot, const std::string& topic, const Topic& numbers) const {
    const telemetry::Attribute attribute{"messaging.destination.name", snapshot.memory.keep(topic)};
    telemetry::MetricPoint sent =
        point(snapshot.memory.keep(std::span<const telemetry::Attribute>{&attribute, 1}));
    sent.integer = numbers.sent;
    telemetry::MetricPoint duration = sent;
    duration.integer = 0;
    duration.count = static_cast<std::uint64_t>(numbers.sent);
    duration.sum = numbers.sum;
    duration.buckets = snapshot.memory.keep(std::span<const std::uint64_t>{numbers.buckets});
    telemetry::MetricPoint share = sent;
    share.integer = 0;
    share.start_unix_ns = 0;
    share.number = static_cast<double>(numbers.buckets.back()) / static_cast<double>(numbers.sent);
    snapshot.metrics[0].points.push_back(sent);
    snapshot.metrics[1].points.push_back(duration);
    snapshot.metrics[3].points.push_back(share);
  }

  std::uint64_t start_ = now_ns();
  std::map<std::string, Topic> topics_;
};

// The hosts and the exporters. Thread-safe.
class Hosts {
 public:
  explicit Hosts(const configure::Settings& settings)
      : exporters_{exporters::make_metric_exporters(settings, log_)},
        collecting_{[this](const std::stop_token& stop) { collect(stop); }} {}
  ~Hosts() {
    collecting_.request_stop();
    collecting_.join();
    for (const auto& exporter : exporters_) {
      exporter->submit(snapshots());
      exporter->shutdown(Clock::now() + std::chrono::seconds{10});
    }
  }

  void send(const std::string& host, const std::string& topic, std::int64_t count, double seconds) {
    const std::scoped_lock lock{mutex_};
    hosts_[host].send(topic, count, seconds);
  }
  void end(const std::string& host) {
    const std::scoped_lock lock{mutex_};
    for (const auto& exporter : exporters_) exporter->submit({hosts_[host].snapshot(host, true)});
    hosts_.erase(host);
  }

 private:
  exporters::MetricSnapshots snapshots() {
    const std::scoped_lock lock{mutex_};
    exporters::MetricSnapshots all;
    for (const auto& [name, host] : hosts_) all.push_back(host.snapshot(name, false));
    return all;
  }
  void collect(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      for (const auto& exporter : exporters_) {
        if (exporter->wants_snapshots(Clock::now())) exporter->submit(snapshots());
      }
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
  }

  Log log_;
  std::mutex mutex_;
  std::map<std::string, CountingHost> hosts_;  // guarded by mutex_
  std::vector<std::unique_ptr<exporters::MetricExporter>> exporters_;
  std::jthread collecting_;
};

}  // namespace

int main() {
  const configure::Resolved resolved = configure::resolve(configure::Environment::from_list(environ));
  for (const configure::Problem& problem : resolved.problems) std::cerr << describe(problem) << "\n";
  Hosts hosts{resolved.settings};
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words{line};
    std::string command, host, topic;
    std::int64_t count = 0;
    double seconds = 0;
    words >> command >> host;
    if (command == "send" && words >> topic >> count >> seconds) {
      hosts.send(host, topic, count, seconds);
    } else if (command == "end") {
      hosts.end(host);
    } else {
      std::cerr << "metric-source: cannot read \"" << line << "\"\n";
      return 2;
    }
    std::cout << "done" << std::endl;
  }
  return 0;
}
