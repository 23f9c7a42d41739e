#include "waybill/telemetry/in_flight_sends.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace waybill::telemetry {

void InFlightSends::start(const segment::SendStarted& record, Place place) {
  const Send send{place, record.start_ns, record.client, kNone, record.refusals};
  const auto [entry, is_first] = latest_.try_emplace(record.message, send);
  if (!is_first) insert_older(entry->second, send);
}

// Records of different chunks may come in any order.
void InFlightSends::insert_older(Send& latest, Send send) {
  if (send.start_ns >= latest.start_ns) {
    std::swap(latest, send);
    latest.older = send.older;
  }
  std::uint32_t* link = &latest.older;
  while (*link != kNone && older_[*link].start_ns > send.start_ns) link = &older_[*link].older;
  send.older = *link;
  if (free_older_.empty()) {
    *link = static_cast<std::uint32_t>(older_.size());
    older_.push_back(send);  // `link` may point into older_, so it was set before
  } else {
    *link = free_older_.back();
    free_older_.pop_back();
    older_[*link] = send;
  }
  ++older_count_;
}

std::optional<Place> InFlightSends::end(const segment::SendEnded& end) {
  const auto entry = latest_.find(end.message);
  if (entry == latest_.end()) return std::nullopt;
  Send start = entry->second;
  if (start.start_ns <= end.end_ns) {
    latest_.erase(entry);
  } else {
    std::uint32_t* link = &entry->second.older;
    while (*link != kNone && older_[*link].start_ns > end.end_ns) link = &older_[*link].older;
    if (*link == kNone) return std::nullopt;
    start = take_older(std::exchange(*link, kNone));
  }
  forget_older(start.older);
  if (start.refusals == end.refusals && start.client == end.client) return start.place;
  lost_.push_back(start.place);
  return std::nullopt;
}

InFlightSends::Send InFlightSends::take_older(std::uint32_t at) {
  free_older_.push_back(at);
  --older_count_;
  return older_[at];
}

void InFlightSends::forget_older(std::uint32_t at) {
  while (at != kNone) {
    const Send send = take_older(at);
    lost_.push_back(send.place);
    at = send.older;
  }
}

std::vector<Place> InFlightSends::take_client(std::uint32_t client) {
  return take_if([client](const Send& send) { return send.client == client; });
}

std::vector<Place> InFlightSends::take_all() {
  return take_if([](const Send&) { return true; });
}

std::vector<Place> InFlightSends::take_older_half() {
  std::vector<std::uint64_t> starts;
  starts.reserve(size());
  for (const auto& [address, latest] : latest_) {
    starts.push_back(latest.start_ns);
    for (std::uint32_t at = latest.older; at != kNone; at = older_[at].older)
      starts.push_back(older_[at].start_ns);
  }
  if (starts.empty()) return {};
  const auto middle = starts.begin() + static_cast<std::ptrdiff_t>(starts.size() / 2);
  std::nth_element(starts.begin(), middle, starts.end());
  return take_if([until = *middle](const Send& send) { return send.start_ns <= until; });
}

template <typename Wanted>
std::vector<Place> InFlightSends::take_if(Wanted&& wanted) {
  std::vector<Place> taken;
  for (auto entry = latest_.begin(); entry != latest_.end();) {
    // The list of this address anew, without those that are wanted.
    std::vector<Send> kept;
    for (Send send = entry->second;;) {
      const std::uint32_t next = send.older;
      send.older = kNone;
      if (wanted(send)) {
        taken.push_back(send.place);
      } else {
        kept.push_back(send);
      }
      if (next == kNone) break;
      send = take_older(next);
    }
    if (kept.empty()) {
      latest_.erase(entry++);
      continue;
    }
    entry->second = kept.front();
    for (std::size_t at = 1; at < kept.size(); ++at) insert_older(entry->second, kept[at]);
    ++entry;
  }
  return taken;
}

}  // namespace waybill::telemetry
