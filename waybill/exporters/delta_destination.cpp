#include "waybill/exporters/delta_destination.h"

namespace waybill::exporters {

Delivery DeltaDestination::deliver(const MetricSnapshots& snapshots,
                                   std::chrono::steady_clock::time_point deadline) {
  DeltaConverter::Changes changes;
  {
    const std::scoped_lock lock{mutex_};
    changes = converter_.since_last(snapshots);
  }
  Delivery delivery;
  if (!changes.snapshots.empty()) delivery = destination_->deliver(changes.snapshots, deadline);
  if (delivery.outcome != Delivery::Outcome::kTaken) return delivery;
  {
    const std::scoped_lock lock{mutex_};
    converter_.arrived(snapshots);
  }
  if (changes.beyond_bound != 0) {
    delivery.rejected_items += changes.beyond_bound;
    delivery.reason += (delivery.reason.empty() ? "" : "; ") + std::string{"only "} +
                       std::to_string(DeltaConverter::kMostSeries) + " series can be sent as differences";
  }
  return delivery;
}

std::string DeltaDestination::memory_of(const std::string& source) const {
  const std::scoped_lock lock{mutex_};
  return converter_.memory_of(source);
}

void DeltaDestination::recall(const std::string& source, std::string_view memory) {
  const std::scoped_lock lock{mutex_};
  converter_.recall(source, memory);
}

}  // namespace waybill::exporters
