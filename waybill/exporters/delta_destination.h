#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "waybill/exporters/delta_converter.h"
#include "waybill/exporters/metric_destination.h"

namespace waybill::exporters {

// Gives another destination what was counted since it last took something. Threads: as MetricDestination
// says.
class DeltaDestination final : public MetricDestination {
 public:
  DeltaDestination(std::unique_ptr<MetricDestination> destination,
                   configure::TemporalityPreference preference)
      : destination_{std::move(destination)}, converter_{preference} {}

  const std::string& name() const override { return destination_->name(); }
  Delivery deliver(const MetricSnapshots& snapshots, std::chrono::steady_clock::time_point deadline) override;
  void stop() override { destination_->stop(); }
  std::string memory_of(const std::string& source) const override;
  void recall(const std::string& source, std::string_view memory) override;

 private:
  const std::unique_ptr<MetricDestination> destination_;
  mutable std::mutex mutex_;
  DeltaConverter converter_;  // guarded by mutex_
};

}  // namespace waybill::exporters
