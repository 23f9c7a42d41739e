#include "waybill/telemetry/in_flight_sends.h"

#include <algorithm>
#include <cstddef>

namespace waybill::telemetry {

void InFlightSends::start(const segment::SendStarted& record, Place place) {
  oldest_.prefetch(record.message);
  if (arrivals_ == kMostArrivals) take_in_all();
  arriving_[arrivals_++] = {record.message,
                            {place, record.start_ns, record.client, kNone, kNone, record.refusals, true}};
}

void InFlightSends::take_in_all() {
  for (std::size_t at = 0; at < arrivals_; ++at) take_in(arriving_[at].message, arriving_[at].send);
  arrivals_ = 0;
}

void InFlightSends::take_in(std::uint64_t message, const Send& send) {
  const auto [entry, is_first] = oldest_.try_emplace(message, send);
  if (!is_first) append(entry->second, send);
}

// Records of different chunks may come in any order; they are sorted when an end asks.
void InFlightSends::append(Send& first, const Send& send) {
  const std::uint32_t place = keep_newer(send);
  Send& last = first.last == kNone ? first : newer_[first.last];
  if (send.start_ns < last.start_ns) first.sorted = false;
  last.newer = place;
  first.last = place;
}

void InFlightSends::sort(Send& first) {
  std::vector<Send> sends{first};
  while (sends.back().newer != kNone) sends.push_back(take_newer(sends.back().newer));
  std::stable_sort(sends.begin(), sends.end(),
                   [](const Send& left, const Send& right) { return left.start_ns < right.start_ns; });
  first = sends.front();
  first.newer = first.last = kNone;
  first.sorted = true;
  for (std::size_t at = 1; at < sends.size(); ++at) {
    sends[at].newer = kNone;
    append(first, sends[at]);
  }
}

void InFlightSends::find_last(Send& first) const {
  first.last = kNone;
  first.sorted = first.newer == kNone;  // else it is not known
  for (std::uint32_t at = first.newer; at != kNone; at = newer_[at].newer) first.last = at;
}

std::optional<Place> InFlightSends::end(const segment::SendEnded& end) {
  if (arrivals_ != 0) take_in_all();
  const auto entry = oldest_.find(end.message);
  if (entry == oldest_.end()) return std::nullopt;
  Send& first = entry->second;
  if (!first.sorted) sort(first);
  if (first.start_ns > end.end_ns) return std::nullopt;
  while (first.newer != kNone && newer_[first.newer].start_ns <= end.end_ns) {
    lost_.push_back(first.place);
    take_front(first);
  }
  const Send start = first;
  if (start.newer == kNone) {
    oldest_.erase(entry);
  } else {
    take_front(first);
  }
  if (start.refusals == end.refusals && start.client == end.client) return start.place;
  lost_.push_back(start.place);
  return std::nullopt;
}

// The next of a sorted list becomes its first.
void InFlightSends::take_front(Send& first) {
  const std::uint32_t last = first.last == first.newer ? kNone : first.last;
  first = take_newer(first.newer);
  first.last = last;
  first.sorted = true;
}

std::uint32_t InFlightSends::keep_newer(const Send& send) {
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

InFlightSends::Send InFlightSends::take_newer(std::uint32_t at) {
  free_newer_.push_back(at);
  --newer_count_;
  return newer_[at];
}

std::vector<Place> InFlightSends::take_older_half() {
  take_in_all();
  std::vector<std::uint64_t> starts;
  starts.reserve(size());
  for (const auto& [address, first] : oldest_) {
    starts.push_back(first.start_ns);
    for (std::uint32_t at = first.newer; at != kNone; at = newer_[at].newer)
      starts.push_back(newer_[at].start_ns);
  }
  if (starts.empty()) return {};
  const auto middle = starts.begin() + static_cast<std::ptrdiff_t>(starts.size() / 2);
  std::nth_element(starts.begin(), middle, starts.end());
  std::vector<Place> taken;
  take_sends([&taken, until = *middle](const Send& send) {
    if (send.start_ns > until) return false;
    taken.push_back(send.place);
    return true;
  });
  return taken;
}

}  // namespace waybill::telemetry
