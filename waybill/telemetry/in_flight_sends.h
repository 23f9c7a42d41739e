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

  // The send that this end belongs to; none if there is none (yet). Starts of the same address before it have
  // lost their ends: they are given to `lost`.
  std::optional<StartedSend> end(const segment::SendEnded& end, std::vector<StartedSend>& lost);

  // Takes all sends of a client, or of all clients, whose end will not come.
  std::vector<StartedSend> take_client(std::uint32_t client);
  std::vector<StartedSend> take_all();

  std::size_t size() const { return size_; }

 private:
  std::size_t capacity_;
  std::size_t size_ = 0;
  // Nearly always one; a second waits here when its predecessor's end has not been read yet.
  std::unordered_map<std::uint64_t, std::vector<StartedSend>> by_message_;
};

}  // namespace waybill::telemetry
