#pragma once

#include <cstdint>
#include <map>
#include <tuple>

namespace waybill::telemetry {

// Tells offsets that a broker assigned from those that librdkafka invents. With acks=0, and for batches that
// the broker knows as duplicates, it counts upwards from a negative number, and a long batch runs into
// positive ones: a run that continues from a negative offset is not trusted until it jumps. Bounded: when too
// many partitions have such runs, offsets of others are not trusted either. Owned by one thread.
class OffsetTrust {
 public:
  struct Partition {
    std::uint32_t client;
    std::uint32_t topic;
    std::int32_t partition;
    auto operator<=>(const Partition&) const = default;
  };

  // Called for every acknowledgement without an error, in their order. True: `offset` is where the record is.
  bool trust(const Partition& partition, std::int64_t offset);

  void forget(std::uint32_t client);

  std::size_t size() const { return invented_.size(); }

 private:
  std::map<Partition, std::int64_t> invented_;  // the last offset of a run that began below zero
};

}  // namespace waybill::telemetry
