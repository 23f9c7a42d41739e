#include "waybill/telemetry/offset_trust.h"

#include <limits>

namespace waybill::telemetry {
namespace {

constexpr std::size_t kMostRuns = 65'536;

}  // namespace

bool OffsetTrust::trust(const Partition& partition, std::int64_t offset) {
  const auto run = invented_.find(partition);
  if (offset < 0) {
    if (run != invented_.end()) {
      run->second = offset;
    } else if (invented_.size() < kMostRuns) {
      invented_.emplace(partition, offset);
    }
    return false;
  }
  // With a full table it is not known whether a run began here.
  if (run == invented_.end()) return invented_.size() < kMostRuns;
  if (offset == run->second + 1) {
    run->second = offset;
    return false;
  }
  invented_.erase(run);
  return true;
}

void OffsetTrust::forget(std::uint32_t client) {
  constexpr auto kLeast = std::numeric_limits<std::int32_t>::min();
  const auto first = invented_.lower_bound({client, 0, kLeast});
  auto last = first;
  while (last != invented_.end() && last->first.client == client) ++last;
  invented_.erase(first, last);
}

}  // namespace waybill::telemetry
