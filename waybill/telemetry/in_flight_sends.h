#pragma once

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "waybill/segment/record.h"
#include "waybill/telemetry/record_store.h"

namespace waybill::telemetry {

// The sends of one host that have started and not ended: pairs each SendEnded with its SendStarted by the
// address of the message. librdkafka uses an address again only after its message was answered, so in the
// order of time starts and ends of one address take turns: an end belongs to the start before it, unless a
// record of theirs was refused in between. Records may be given in any order; they are put into that of time
// when they are matched. Holds what pairing needs; the records stay in their store, which bounds how many
// there can be. Owned by one thread.
class InFlightSends {
 public:
  struct Pair {
    Place start;
    Place end;
  };
  // What became of the records that were matched. Those of `lost` are settled before those of `strays`.
  struct Matches {
    std::vector<Pair> pairs;
    std::vector<Place> lost;    // starts whose end will never come: the host had no room for it
    std::vector<Place> strays;  // ends whose start was not recorded, or not certainly theirs
  };

  void start(const segment::SendStarted& record, Place place);
  void end(const segment::SendEnded& record, Place place);

  // Matches what happened until then, of which everything has been given, up to so many ends. Valid until the
  // next call.
  const Matches& match(std::uint64_t until_ns, std::size_t most);

  // Whether ends until then were left to a later call.
  bool has_ends(std::uint64_t until_ns) const { return !ends_.empty() && ends_.front().time_ns <= until_ns; }

  // Takes all sends whose end will not come: calls `wanted(std::uint32_t client, Place)` for each, which says
  // whether it is one.
  template <typename Wanted>
  void take_if(Wanted&& wanted) {
    absl::erase_if(table_, [&](const auto& send) { return wanted(send.second.client, send.second.place); });
    std::erase_if(starts_, [&](const Event& start) { return wanted(start.client, start.place); });
  }

  // Takes those that began before half of them had.
  std::vector<Place> take_older_half();

  std::size_t size() const { return table_.size() + starts_.size(); }
  // Those of them for which no end waits to be matched: at least so many.
  std::size_t unanswered() const { return size() - std::min(size(), ends_.size()); }

 private:
  // A record that waits for its turn in time.
  struct Event {
    std::uint64_t time_ns;
    std::uint64_t message;
    Place place;
    std::uint32_t client;
    std::uint16_t refusals;
  };
  struct Send {
    Place place;
    std::uint64_t start_ns;
    std::uint32_t client;
    std::uint16_t refusals;
  };

  void sort_by_time(std::vector<Event>& events);
  // Takes in those that began until then. Returns how many of starts_ that makes from its front.
  std::size_t take_in(std::size_t first, std::uint64_t until_ns);
  void take_in(const Event& start);
  void take_out(const Event& end);

  std::vector<Event> starts_;
  std::vector<Event> ends_;
  std::vector<std::size_t> runs_;                   // where a run begins that is in the order of time
  absl::flat_hash_map<std::uint64_t, Send> table_;  // by address
  Matches matches_;
};

}  // namespace waybill::telemetry
