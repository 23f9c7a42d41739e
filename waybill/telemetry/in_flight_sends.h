#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "waybill/segment/record.h"
#include "waybill/telemetry/record_store.h"

namespace waybill::telemetry {

// The sends of one host that have started and not ended: pairs each SendEnded with its SendStarted by the
// address of the message. librdkafka uses an address again only after its message was answered, so starts and
// ends of one address take turns in time: an end belongs to the latest start before it, if no record of
// theirs was refused in between. Ends are given in the order of time, starts in whichever order their chunks
// are read; a long backlog of one address costs no more than one of many. Holds what pairing needs; the
// records stay in their store, which bounds how many there can be. Owned by one thread.
class InFlightSends {
 public:
  // `lost` gets the places of starts whose end will never come because the host had no room for it.
  explicit InFlightSends(std::vector<Place>& lost) : lost_{lost} {}

  void start(const segment::SendStarted& record, Place place);

  // Where the start of this end is; none if that was not recorded, or if it is not certain. Older starts of
  // its address have lost their ends: they are forgotten.
  std::optional<Place> end(const segment::SendEnded& end);

  // Takes all sends of a client, or of all clients, whose end will not come.
  std::vector<Place> take_client(std::uint32_t client);
  std::vector<Place> take_all();

  std::size_t size() const { return sends_.size() + newer_count_; }

 private:
  static constexpr std::uint32_t kNone = 0xffff'ffff;

  struct Send {
    Place place;
    std::uint64_t start_ns;
    std::uint32_t client;
    std::uint32_t newer;  // the next one of the same address: its place in newer_
    std::uint16_t refusals;
  };
  // The sends of one address, in the order of time. Nearly always there is one.
  struct Sends {
    Send oldest;
    std::uint32_t newest = kNone;         // in newer_; none: the oldest is the only one
    std::uint32_t last_inserted = kNone;  // in newer_; the next record of a chunk most likely comes behind it
  };

  void insert(Sends& sends, Send send);
  std::uint32_t keep(const Send& send);
  Send take(std::uint32_t at);
  Send take_latest_before(Sends& sends, std::uint64_t end_ns);
  template <typename Wanted>
  std::vector<Place> take_if(Wanted&& wanted);

  std::vector<Place>& lost_;
  absl::flat_hash_map<std::uint64_t, Sends> sends_;  // by address
  std::vector<Send> newer_;
  std::vector<std::uint32_t> free_newer_;
  std::size_t newer_count_ = 0;
};

}  // namespace waybill::telemetry
