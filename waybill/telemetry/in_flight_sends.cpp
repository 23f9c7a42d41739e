#include "waybill/telemetry/in_flight_sends.h"

#include <utility>

namespace waybill::telemetry {

bool InFlightSends::start(StartedSend send) {
  if (size() >= capacity_) return false;
  const std::uint64_t message = send.record.message;
  const std::uint32_t place = take_place(std::move(send));
  auto [entry, is_first] = by_message_.try_emplace(message, place);
  if (is_first) return true;
  insert_in_list(entry->second, place);
  ++others_;
  return true;
}

// Records of different chunks may come in any order.
void InFlightSends::insert_in_list(std::uint32_t& first, std::uint32_t place) {
  std::uint32_t* link = &first;
  while (*link != kNone && places_[*link].send.record.start_ns > places_[place].send.record.start_ns)
    link = &places_[*link].older;
  places_[place].older = *link;
  *link = place;
}

std::optional<StartedSend> InFlightSends::end(const segment::SendEnded& end) {
  const auto entry = by_message_.find(end.message);
  if (entry == by_message_.end()) return std::nullopt;
  std::uint32_t place = entry->second;
  while (place != kNone && places_[place].send.record.start_ns > end.end_ns) place = places_[place].older;
  if (place == kNone) return std::nullopt;

  const segment::SendStarted& start = places_[place].send.record;
  std::optional<StartedSend> result;
  if (start.refusals == end.refusals && start.client == end.client) {
    result = std::move(places_[place].send);
  } else {
    ++lost_;
  }
  cut_list(end.message, place);
  return result;
}

// Takes `place` and everything older out of the list of its address; the older ones are lost.
void InFlightSends::cut_list(std::uint64_t message, std::uint32_t place) {
  const auto entry = by_message_.find(message);
  std::uint32_t* link = &entry->second;
  std::size_t newer = 0;
  for (; *link != place; link = &places_[*link].older) ++newer;
  *link = kNone;
  std::size_t taken = 0;
  for (; place != kNone; place = places_[place].older) {
    free_place(place);
    ++taken;
  }
  lost_ += taken - 1;
  others_ -= newer == 0 ? taken - 1 : taken;
  if (newer == 0) by_message_.erase(entry);
}

std::vector<StartedSend> InFlightSends::take_client(std::uint32_t client) {
  std::vector<StartedSend> taken;
  std::vector<StartedSend> kept;
  for (StartedSend& send : take_all())
    (send.record.client == client ? taken : kept).push_back(std::move(send));
  for (StartedSend& send : kept) start(std::move(send));
  return taken;
}

std::vector<StartedSend> InFlightSends::take_all() {
  std::vector<StartedSend> taken;
  for (const auto& [message, first] : by_message_) {
    for (std::uint32_t place = first; place != kNone; place = places_[place].older)
      taken.push_back(std::move(places_[place].send));
  }
  by_message_.clear();
  places_.clear();
  free_places_.clear();
  others_ = 0;
  return taken;
}

std::uint32_t InFlightSends::take_place(StartedSend send) {
  if (free_places_.empty()) {
    places_.push_back({std::move(send), kNone});
    return static_cast<std::uint32_t>(places_.size() - 1);
  }
  const std::uint32_t place = free_places_.back();
  free_places_.pop_back();
  places_[place] = {std::move(send), kNone};
  return place;
}

void InFlightSends::free_place(std::uint32_t place) { free_places_.push_back(place); }

}  // namespace waybill::telemetry
