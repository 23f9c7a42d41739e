#include "waybill/telemetry/in_flight_sends.h"

#include <utility>

namespace waybill::telemetry {

void InFlightSends::start(const segment::SendStarted& record, Place place) {
  const Send send{place, record.start_ns, record.client, kNone, record.refusals};
  const auto [entry, is_first] = sends_.try_emplace(record.message, Sends{send});
  if (!is_first) insert(entry->second, send);
}

// Records of different chunks may come in any order; those of one chunk come in runs.
void InFlightSends::insert(Sends& sends, Send send) {
  if (send.start_ns < sends.oldest.start_ns) {
    send.newer = keep(sends.oldest);
    if (sends.newest == kNone) sends.newest = send.newer;
    sends.oldest = send;
    sends.last_inserted = kNone;
    return;
  }
  const auto not_after = [&](std::uint32_t at) {
    return at != kNone && newer_[at].start_ns <= send.start_ns;
  };
  std::uint32_t before = kNone;  // the oldest
  if (not_after(sends.newest)) {
    before = sends.newest;
  } else if (not_after(sends.last_inserted)) {
    before = sends.last_inserted;
  }
  const auto next_of = [&](std::uint32_t at) -> std::uint32_t& {
    return at == kNone ? sends.oldest.newer : newer_[at].newer;
  };
  while (not_after(next_of(before))) before = next_of(before);
  send.newer = next_of(before);
  const bool is_newest = send.newer == kNone;
  const std::uint32_t place = keep(send);
  next_of(before) = place;
  if (is_newest) sends.newest = place;
  sends.last_inserted = place;
}

std::optional<Place> InFlightSends::end(const segment::SendEnded& end) {
  const auto entry = sends_.find(end.message);
  if (entry == sends_.end() || entry->second.oldest.start_ns > end.end_ns) return std::nullopt;
  const Send start = take_latest_before(entry->second, end.end_ns);
  if (start.newer == kNone) sends_.erase(entry);
  if (start.refusals == end.refusals && start.client == end.client) return start.place;
  lost_.push_back(start.place);
  return std::nullopt;
}

// The oldest one does not come after that time. Those before the one that is taken are lost; if there are
// newer ones, they stay.
InFlightSends::Send InFlightSends::take_latest_before(Sends& sends, std::uint64_t end_ns) {
  Send start = sends.oldest;
  while (start.newer != kNone && newer_[start.newer].start_ns <= end_ns) {
    lost_.push_back(start.place);
    start = take(start.newer);
  }
  sends.last_inserted = kNone;
  if (start.newer != kNone) {
    sends.oldest = take(start.newer);
    if (sends.oldest.newer == kNone) sends.newest = kNone;
  }
  return start;
}

std::uint32_t InFlightSends::keep(const Send& send) {
  ++newer_count_;
  if (free_newer_.empty()) {
    newer_.push_back(send);
    return static_cast<std::uint32_t>(newer_.size() - 1);
  }
  const std::uint32_t place = free_newer_.back();
  free_newer_.pop_back();
  newer_[place] = send;
  return place;
}

InFlightSends::Send InFlightSends::take(std::uint32_t at) {
  free_newer_.push_back(at);
  --newer_count_;
  return newer_[at];
}

std::vector<Place> InFlightSends::take_client(std::uint32_t client) {
  return take_if([client](const Send& send) { return send.client == client; });
}

std::vector<Place> InFlightSends::take_all() {
  return take_if([](const Send&) { return true; });
}

template <typename Wanted>
std::vector<Place> InFlightSends::take_if(Wanted&& wanted) {
  std::vector<Place> taken;
  for (auto entry = sends_.begin(); entry != sends_.end();) {
    // The list of this address anew, without those that are wanted.
    std::vector<Send> kept;
    for (Send send = entry->second.oldest;;) {
      const std::uint32_t next = std::exchange(send.newer, kNone);
      if (wanted(send)) {
        taken.push_back(send.place);
      } else {
        kept.push_back(send);
      }
      if (next == kNone) break;
      send = take(next);
    }
    if (kept.empty()) {
      sends_.erase(entry++);
      continue;
    }
    entry->second = Sends{kept.front()};
    for (std::size_t at = 1; at < kept.size(); ++at) insert(entry->second, kept[at]);
    ++entry;
  }
  return taken;
}

}  // namespace waybill::telemetry
