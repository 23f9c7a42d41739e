#include "waybill/observe/processed_records.h"

#include <algorithm>
#include <cstring>

#include "waybill/base/shared_word.h"
#include "waybill/observe/internal/mix.h"

namespace waybill::observe {

template <typename Visitor>
void ProcessedRecords::visit_slots(const Key& key, Visitor&& visit) {
  const std::uint64_t first = internal::mix(internal::mix(std::uint64_t{key.client} << 32U | key.topic) ^
                                            static_cast<std::uint32_t>(key.partition));
  for (std::size_t probe = 0; probe < kProbes; ++probe) {
    Slot& slot = slots_[(first + probe) % kSlots];
    std::uint32_t nobody = 0;
    if (!base::shared(slot.is_used).compare_exchange_strong(nobody, 1, std::memory_order_acquire)) continue;
    const bool is_done = visit(slot);
    base::shared(slot.is_used).store(0, std::memory_order_release);
    if (is_done) return;
  }
}

// False: it is not there.
template <typename Visitor>
bool ProcessedRecords::visit_partition(const Key& key, Visitor&& visit) {
  bool is_there = false;
  visit_slots(key, [&](Slot& slot) {
    if (slot.key != key) return false;
    visit(slot);
    is_there = true;
    return true;
  });
  return is_there;
}

void ProcessedRecords::put(const Key& key, const Processing& processing, std::string_view tracestate) {
  const auto keep = [&](Slot& slot) {
    slot.processing = processing;
    slot.tracestate_size =
        static_cast<std::uint16_t>(tracestate.copy(tracestate_at(slot), segment::kMaxTracestate));
  };
  const auto replace = [&](Slot& slot) {
    keep(slot);
    // The application has gone back in the partition: what it processes again, it commits again.
    slot.settled_until = std::min(slot.settled_until, processing.offset);
  };
  if (visit_partition(key, replace)) return;
  std::uint64_t oldest_ns = UINT64_MAX;
  visit_slots(key, [&](Slot& slot) {
    const std::uint64_t start_ns = slot.key.client == 0 ? 0 : slot.processing.start_ns;
    if (start_ns < oldest_ns) oldest_ns = start_ns;
    return false;
  });
  visit_slots(key, [&](Slot& slot) {
    if (slot.key.client != 0 && slot.processing.start_ns > oldest_ns) return false;
    slot.key = key;
    slot.settled_until = 0;
    keep(slot);
    return true;
  });
}

ProcessedRecords::Processing ProcessedRecords::unsettled(const Key& key, std::int64_t end) {
  Processing found;
  visit_partition(key, [&](Slot& slot) {
    if (slot.processing.offset < end && slot.processing.offset >= slot.settled_until) found = slot.processing;
  });
  return found;
}

ProcessedRecords::Tracestate ProcessedRecords::tracestate_of(const Key& key, const Processing& processing) {
  Tracestate found;
  visit_partition(key, [&](Slot& slot) {
    if (slot.processing.context != processing.context) return;
    found.size = slot.tracestate_size;
    std::memcpy(found.text, tracestate_at(slot), found.size);
  });
  return found;
}

void ProcessedRecords::settle(const Key& key, std::int64_t end) {
  visit_partition(key, [&](Slot& slot) { slot.settled_until = end; });
}

}  // namespace waybill::observe
