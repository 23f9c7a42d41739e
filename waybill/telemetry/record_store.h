#pragma once

#include <cstdint>

namespace waybill::telemetry {

// Where a record is kept on the collecting side. Never used twice in a store.
using Place = std::uint64_t;
inline constexpr Place kNoPlace = 0;

// Keeps the records that were taken from a host until what they tell has left this process. A collecting
// process that is killed leaves the store behind, and the next one goes on from it. Owned by one thread.
class RecordStore {
 public:
  virtual ~RecordStore() = default;

  // The record's bytes, from its RecordHeader on: as long as its header says. Valid until the store changes.
  virtual const std::uint8_t* record(Place place) const = 0;

  // The record is not needed any more. Order counts: a start is settled before its end, so that a store which
  // is read again never holds a start whose end is gone.
  virtual void settle(Place place) = 0;
};

}  // namespace waybill::telemetry
