#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "waybill/segment/record.h"

namespace waybill::telemetry {

// A SendStarted with the texts that followed it.
struct StartedSend {
  segment::SendStarted record{};
  std::optional<segment::RecordContext> link;
  std::string key;
  std::string tracestate;
};

// The sends of one host that have started and not ended: pairs each SendEnded with its SendStarted by the
// address of the message. librdkafka uses an address again only after its message was answered, so starts and
// ends of one address take turns in time: an end belongs to the latest start before it. Owned by one thread.
class InFlightSends {
 public:
  // Beyond `capacity` the oldest knowledge stays and a new start is refused.
  explicit InFlightSends(std::size_t capacity) : capacity_{capacity} {}

  // False: too many in flight.
  bool start(StartedSend send);

  // The send that this end belongs to; none if there is none (yet).
  std::optional<StartedSend> end(const segment::SendEnded& end);

  // Called when a round is over. A start that was followed by another one of its address, whose end has come,
  // has lost its own end; that end may still stand in a chunk that was read before, so the start is given up
  // one round later. Returns how many were.
  std::size_t give_up_superseded();

  // Takes all sends of a client, or of all clients, whose end will not come.
  std::vector<StartedSend> take_client(std::uint32_t client);
  std::vector<StartedSend> take_all();

  std::size_t size() const { return size_; }

 private:
  struct Superseded {
    std::uint64_t message;
    std::uint64_t start_ns;
  };

  bool remove(const Superseded& start);

  std::size_t capacity_;
  std::size_t size_ = 0;
  std::vector<Superseded> superseded_;          // in this round
  std::vector<Superseded> superseded_earlier_;  // in the round before
  // Nearly always one; a second waits here when its predecessor's end has not been read yet.
  std::unordered_map<std::uint64_t, std::vector<StartedSend>> by_message_;
};

}  // namespace waybill::telemetry
