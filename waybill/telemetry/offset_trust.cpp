#include "waybill/telemetry/offset_trust.h"

namespace waybill::telemetry {

bool OffsetTrust::trust(const Partition& partition, std::int64_t offset) {
  if (offset < 0) {
    invented_[partition] = offset;
    return false;
  }
  const auto run = invented_.find(partition);
  if (run == invented_.end()) return true;
  if (offset == run->second + 1) {
    run->second = offset;
    return false;
  }
  invented_.erase(run);
  return true;
}

void OffsetTrust::forget(std::uint32_t client) {
  std::erase_if(invented_, [client](const auto& entry) { return entry.first.client == client; });
}

}  // namespace waybill::telemetry
