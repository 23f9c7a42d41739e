#pragma once

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "waybill/segment/record.h"
#include "waybill/telemetry/record_store.h"

namespace waybill::telemetry {

// The sends of one host that have started and not ended: pairs each SendEnded with its SendStarted by the
// address of the message. librdkafka uses an address again only after its message was answered, so starts and
// ends of one address take turns in time: an end belongs to the latest start before it, if no record of
// theirs was refused in between. Holds what pairing needs; the records stay in their store, which bounds how
// many there can be. No order of records makes it slow: a start is put behind the others of its address, and
// an end takes from their front. Owned by one thread.
class InFlightSends {
 public:
  // `lost` gets the places of starts whose end will never come because the host had no room for it.
  explicit InFlightSends(std::vector<Place>& lost) : lost_{lost} {}

  void start(const segment::SendStarted& record, Place place);

  // An end of this address will be given soon. With many in flight the table is far from the processor, and
  // this brings the right part of it near.
  void expect_end(std::uint64_t message) const { oldest_.prefetch(message); }

  // Where the start of this end is; none if that was not recorded, or if it is not certain. Older starts of
  // its address have lost their ends: they are forgotten. Ends are given in the order of time.
  std::optional<Place> end(const segment::SendEnded& end);

  // Takes all sends whose end will not come: calls `wanted(std::uint32_t client, Place)` for each, which says
  // whether it is one.
  template <typename Wanted>
  void take_if(Wanted&& wanted) {
    take_sends([&wanted](const Send& send) { return wanted(send.client, send.place); });
  }

  // Takes those that began before half of them had.
  std::vector<Place> take_older_half();

  std::size_t size() const { return oldest_.size() + newer_count_ + arrivals_; }

 private:
  static constexpr std::uint32_t kNone = 0xffff'ffff;

  struct Send {
    Place place;
    std::uint64_t start_ns;
    std::uint32_t client;
    std::uint32_t newer;  // the one after it of the same address: its place in newer_
    // Of the first of an address only: the place of the last, and whether they are in the order of time.
    std::uint32_t last;
    std::uint16_t refusals;
    bool sorted;
  };

  template <typename Wanted>
  void take_sends(Wanted&& wanted) {
    take_in_all();
    for (auto entry = oldest_.begin(); entry != oldest_.end();) {
      Send& first = entry->second;
      for (std::uint32_t* link = &first.newer; *link != kNone;) {
        const std::uint32_t at = *link;
        if (wanted(newer_[at])) {
          *link = take_newer(at).newer;
        } else {
          link = &newer_[at].newer;
        }
      }
      const bool takes_first = wanted(first);
      if (takes_first && first.newer == kNone) {
        oldest_.erase(entry++);
        continue;
      }
      if (takes_first) first = take_newer(first.newer);
      find_last(first);
      ++entry;
    }
  }

  void take_in_all();
  void take_in(std::uint64_t message, const Send& send);
  void append(Send& first, const Send& send);
  void take_front(Send& first);
  void sort(Send& first);
  void find_last(Send& first) const;
  Send take_newer(std::uint32_t at);
  std::uint32_t keep_newer(const Send& send);

  // Starts wait here for a moment, until their part of the table has come near.
  struct Arrival {
    std::uint64_t message;
    Send send;
  };
  static constexpr std::size_t kMostArrivals = 16;

  std::vector<Place>& lost_;
  std::array<Arrival, kMostArrivals> arriving_;
  std::size_t arrivals_ = 0;
  absl::flat_hash_map<std::uint64_t, Send> oldest_;  // by address
  // Sends of one address hang in a list, the oldest first; it nearly always has one.
  std::vector<Send> newer_;
  std::vector<std::uint32_t> free_newer_;
  std::size_t newer_count_ = 0;
};

}  // namespace waybill::telemetry
