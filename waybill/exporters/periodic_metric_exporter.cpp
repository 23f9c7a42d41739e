#include "waybill/exporters/periodic_metric_exporter.h"

#include <pthread.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace waybill::exporters {
namespace {

using Clock = std::chrono::steady_clock;
using Outcome = Delivery::Outcome;

// What receivers take in one request: theirs is 4 MiB often, and a histogram's point is about 300 bytes.
constexpr std::uint64_t kMostPointsInARequest = 5'000;

// Requests of so many points; a snapshot is not divided.
std::vector<MetricSnapshots> requests_of(MetricSnapshots snapshots) {
  std::vector<MetricSnapshots> requests;
  std::uint64_t points = kMostPointsInARequest;
  for (auto& snapshot : snapshots) {
    const std::uint64_t more = count_points(*snapshot);
    if (points + more > kMostPointsInARequest) {
      requests.emplace_back();
      points = 0;
    }
    points += more;
    requests.back().push_back(std::move(snapshot));
  }
  return requests;
}

// How many points did not get there though the rest did.
std::uint64_t lost_of(const Delivery& delivery) {
  return delivery.rejected_items + delivery.unreachable_items;
}

}  // namespace

PeriodicMetricExporter::PeriodicMetricExporter(std::unique_ptr<MetricDestination> destination, Timing timing,
                                               Log& log)
    : destination_{std::move(destination)}, timing_{timing}, log_{log}, worker_{[this] { run(); }} {
  pthread_setname_np(worker_.native_handle(), "waybill:metrics");
}

PeriodicMetricExporter::~PeriodicMetricExporter() { shutdown(Clock::now()); }

bool PeriodicMetricExporter::wants_snapshots(Clock::time_point now) {
  const std::scoped_lock lock{mutex_};
  if (!due_) due_ = now + timing_.interval;
  if (now < *due_) return is_asked_;
  is_asked_ = true;
  // After a long pause there is one export, and not one for each interval.
  due_ = (*due_ + timing_.interval <= now ? now : *due_) + timing_.interval;
  return true;
}

void PeriodicMetricExporter::submit(MetricSnapshots snapshots) {
  const std::scoped_lock lock{mutex_};
  is_asked_ = false;
  for (Snapshot& snapshot : snapshots) {
    const std::uint64_t points = count_points(*snapshot);
    statistics_.submitted += points;
    statistics_.pending += points;
    const auto older = newest_.find(snapshot->source);
    if (older != newest_.end()) {
      drop(*older->second);
      newest_.erase(older);
    }
    if (snapshot->last) {
      keep_ended(std::move(snapshot));
    } else {
      newest_.emplace(snapshot->source, std::move(snapshot));
    }
  }
  is_hurried_ = true;
  changed_.notify_all();
}

bool PeriodicMetricExporter::flush(Clock::time_point deadline) {
  std::unique_lock lock{mutex_};
  if (statistics_.pending == 0) return true;
  is_hurried_ = true;
  changed_.notify_all();
  const bool is_done = changed_.wait_until(lock, deadline, [this] { return !is_hurried_ && !is_sending_; });
  return is_done && statistics_.pending == 0;
}

void PeriodicMetricExporter::shutdown(Clock::time_point deadline) {
  if (!worker_.joinable()) return;
  {
    const std::scoped_lock lock{mutex_};
    is_closed_ = true;
    changed_.notify_all();
  }
  flush(deadline);
  destination_->stop();
  worker_.join();
}

MetricExporterStatistics PeriodicMetricExporter::statistics() const {
  const std::scoped_lock lock{mutex_};
  return statistics_;
}

void PeriodicMetricExporter::run() {
  for (;;) {
    MetricSnapshots snapshots = wait_for_snapshots();
    if (snapshots.empty()) return;
    for (MetricSnapshots& request : requests_of(std::move(snapshots))) send(request);
    const std::scoped_lock lock{mutex_};
    is_sending_ = false;
    changed_.notify_all();
  }
}

// Empty: there are none, and nothing may be submitted any more.
MetricSnapshots PeriodicMetricExporter::wait_for_snapshots() {
  std::unique_lock lock{mutex_};
  for (;;) {
    const bool again = !ended_.empty() && Clock::now() >= retry_at_;
    if (!newest_.empty() || (!ended_.empty() && (is_hurried_ || is_closed_ || again))) break;
    is_hurried_ = false;
    changed_.notify_all();
    if (is_closed_) return {};
    if (ended_.empty()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, retry_at_);
    }
  }
  MetricSnapshots snapshots{std::make_move_iterator(ended_.begin()), std::make_move_iterator(ended_.end())};
  ended_.clear();
  for (auto& [source, snapshot] : newest_) snapshots.push_back(std::move(snapshot));
  newest_.clear();
  is_hurried_ = false;
  is_sending_ = true;
  return snapshots;
}

void PeriodicMetricExporter::send(const MetricSnapshots& snapshots) {
  const Delivery delivery = destination_->deliver(snapshots, Clock::now() + timing_.timeout);
  tell(delivery);  // first: whoever waits for a flush may look for it then
  settle(snapshots, delivery);
}

void PeriodicMetricExporter::settle(const MetricSnapshots& snapshots, const Delivery& delivery) {
  const std::scoped_lock lock{mutex_};
  statistics_.retries += delivery.retries;
  if (delivery.outcome == Outcome::kTaken) {
    const std::uint64_t points = count_points(snapshots);
    const std::uint64_t lost = std::min(lost_of(delivery), points);
    statistics_.pending -= points;
    statistics_.exported += points - lost;
    statistics_.dropped += lost;
    return;
  }
  for (const Snapshot& snapshot : snapshots) {
    if (snapshot->last && delivery.outcome == Outcome::kUnreachable && !is_closed_) {
      keep_ended(snapshot);
    } else {
      drop(*snapshot);
    }
  }
  retry_at_ = Clock::now() + timing_.interval;
}

void PeriodicMetricExporter::keep_ended(Snapshot snapshot) {
  if (ended_.size() == kMostEnded) {
    drop(*ended_.front());
    ended_.pop_front();
  }
  ended_.push_back(std::move(snapshot));
}

void PeriodicMetricExporter::drop(const telemetry::MetricSnapshot& snapshot) {
  const std::uint64_t points = count_points(snapshot);
  statistics_.pending -= points;
  statistics_.dropped += points;
}

void PeriodicMetricExporter::tell(const Delivery& delivery) {
  const std::string& name = destination_->name();
  bool was_away = false;
  {
    const std::scoped_lock lock{mutex_};
    if (delivery.outcome == Outcome::kStopped) return;
    was_away = std::exchange(is_away_, delivery.outcome != Outcome::kTaken);
  }
  if (delivery.outcome != Outcome::kTaken) {
    log_.warning("metrics away " + name, "no metrics get to " + name + ": " + delivery.reason);
  } else if (const std::uint64_t lost = lost_of(delivery); lost != 0) {
    log_.warning("metrics partial " + name,
                 name + " did not take " + std::to_string(lost) + " points of metrics: " + delivery.reason);
  } else if (was_away) {
    log_.info("metrics back " + name, name + " takes metrics again");
  }
}

}  // namespace waybill::exporters
