#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "waybill/configure/settings.h"
#include "waybill/exporters/metric_destination.h"
#include "waybill/exporters/metric_exporter.h"
#include "waybill/support/log.h"

namespace waybill::exporters {

// Sends metrics to one destination at intervals, on one thread of its own, and keeps the books. What fails is
// dropped, because the next interval's numbers hold it; but the last numbers of a host are tried again.
class PeriodicMetricExporter final : public MetricExporter {
 public:
  // So many hosts' last numbers wait; then the oldest are dropped and counted.
  static constexpr std::size_t kMostEnded = 1'000;

  struct Timing {
    std::chrono::milliseconds interval;
    std::chrono::milliseconds timeout;  // for one request
  };

  // `log` outlives the exporter.
  PeriodicMetricExporter(std::unique_ptr<MetricDestination> destination, Timing timing, Log& log);
  ~PeriodicMetricExporter() override;

  bool wants_snapshots(std::chrono::steady_clock::time_point now) override;
  void submit(MetricSnapshots snapshots) override;
  bool flush(std::chrono::steady_clock::time_point deadline) override;
  void shutdown(std::chrono::steady_clock::time_point deadline) override;
  MetricExporterStatistics statistics() const override;
  std::string memory_of(const std::string& source) const override { return destination_->memory_of(source); }
  void recall(const std::string& source, std::string_view memory) override {
    destination_->recall(source, memory);
  }

 private:
  using Snapshot = std::shared_ptr<const telemetry::MetricSnapshot>;

  void run();
  MetricSnapshots wait_for_snapshots();
  void send(const MetricSnapshots& snapshots);
  void settle(const MetricSnapshots& snapshots, const Delivery& delivery);
  void keep_ended(Snapshot snapshot);
  void drop(const telemetry::MetricSnapshot& snapshot);
  void tell(const Delivery& delivery);

  const std::unique_ptr<MetricDestination> destination_;
  const Timing timing_;
  Log& log_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Snapshot> newest_;  // these are guarded by mutex_; of hosts that go on
  std::deque<Snapshot> ended_;              // the last ones of hosts that have ended
  std::optional<std::chrono::steady_clock::time_point> due_;  // none: not asked yet
  std::chrono::steady_clock::time_point retry_at_;            // the ended ones, if there are
  bool is_asked_ = false;
  bool is_hurried_ = false;
  bool is_sending_ = false;
  bool is_closed_ = false;
  bool is_away_ = false;
  MetricExporterStatistics statistics_;

  std::jthread worker_;
};

}  // namespace waybill::exporters
