#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "waybill/segment/record.h"

namespace waybill::telemetry {

// A SendStarted with what followed it: link, key and tracestate, as in the record.
struct StartedSend {
  segment::SendStarted record{};
  std::string tail;
};

// The sends of one host that have started and not ended: pairs each SendEnded with its SendStarted by the
// address of the message. librdkafka uses an address again only after its message was answered, so starts and
// ends of one address take turns in time: an end belongs to the latest start before it, if no record of
// theirs was refused in between. Owned by one thread.
class InFlightSends {
 public:
  // Beyond `capacity` the oldest knowledge stays and a new start is refused.
  explicit InFlightSends(std::size_t capacity) : capacity_{capacity} {}

  // False: too many in flight.
  bool start(StartedSend send);

  // The send that this end belongs to; none if that was not recorded. Older starts of its address have lost
  // their ends, because the host had no room for them: they are forgotten and counted.
  std::optional<StartedSend> end(const segment::SendEnded& end);

  // How many starts have lost their ends so far.
  std::uint64_t lost() const { return lost_; }

  // Takes all sends of a client, or of all clients, whose end will not come.
  std::vector<StartedSend> take_client(std::uint32_t client);
  std::vector<StartedSend> take_all();

  std::size_t size() const { return by_message_.size() + others_; }

 private:
  static constexpr std::uint32_t kNone = 0xffff'ffff;

  // Sends of one address hang in a list, the latest first; it nearly always has one.
  struct Place {
    StartedSend send;
    std::uint32_t older = kNone;
  };

  std::uint32_t take_place(StartedSend send);
  void free_place(std::uint32_t place);
  void insert_in_list(std::uint32_t& first, std::uint32_t place);
  void cut_list(std::uint64_t message, std::uint32_t place);

  std::size_t capacity_;
  std::vector<Place> places_;
  std::vector<std::uint32_t> free_places_;
  absl::flat_hash_map<std::uint64_t, std::uint32_t> by_message_;  // address → the latest send's place
  std::size_t others_ = 0;  // sends that are not the latest of their address
  std::uint64_t lost_ = 0;
};

}  // namespace waybill::telemetry
