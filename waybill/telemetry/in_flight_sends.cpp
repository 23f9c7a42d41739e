#include "waybill/telemetry/in_flight_sends.h"

#include <algorithm>
#include <cstddef>

namespace waybill::telemetry {
namespace {

// With many in flight the table is far from the processor: so many records ahead its part of the table is
// brought near.
constexpr std::size_t kAhead = 12;

template <typename Event>
void erase_first(std::vector<Event>& events, std::size_t count) {
  events.erase(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace

void InFlightSends::start(const segment::SendStarted& record, Place place) {
  starts_.push_back({record.start_ns, record.message, place, record.client, record.refusals});
}

void InFlightSends::end(const segment::SendEnded& record, Place place) {
  ends_.push_back({record.end_ns, record.message, place, record.client, record.refusals});
}

const InFlightSends::Matches& InFlightSends::match(std::uint64_t until_ns, std::size_t most) {
  matches_.pairs.clear();
  matches_.lost.clear();
  matches_.strays.clear();
  sort_by_time(starts_);
  sort_by_time(ends_);
  std::size_t started = 0;
  std::size_t ended = 0;
  for (; ended < ends_.size() && ended < most && ends_[ended].time_ns <= until_ns; ++ended) {
    started = take_in(started, ends_[ended].time_ns);
    if (ended + kAhead < ends_.size()) table_.prefetch(ends_[ended + kAhead].message);
    take_out(ends_[ended]);
  }
  erase_first(ends_, ended);
  if (!has_ends(until_ns)) started = take_in(started, until_ns);
  erase_first(starts_, started);
  return matches_;
}

std::size_t InFlightSends::take_in(std::size_t first, std::uint64_t until_ns) {
  for (; first < starts_.size() && starts_[first].time_ns <= until_ns; ++first) {
    if (first + kAhead < starts_.size()) table_.prefetch(starts_[first + kAhead].message);
    take_in(starts_[first]);
  }
  return first;
}

void InFlightSends::take_in(const Event& start) {
  const Send send{start.place, start.time_ns, start.client, start.refusals};
  const auto [entry, is_free] = table_.try_emplace(start.message, send);
  if (is_free) return;
  matches_.lost.push_back(entry->second.place);
  entry->second = send;
}

void InFlightSends::take_out(const Event& end) {
  const auto entry = table_.find(end.message);
  if (entry == table_.end()) {
    matches_.strays.push_back(end.place);
    return;
  }
  const Send& start = entry->second;
  if (start.refusals == end.refusals && start.client == end.client) {
    matches_.pairs.push_back({start.place, end.place});
  } else {
    matches_.lost.push_back(start.place);
    matches_.strays.push_back(end.place);
  }
  table_.erase(entry);
}

// Each thread of a host writes in the order of time, so there are a few runs, to be merged.
void InFlightSends::sort_by_time(std::vector<Event>& events) {
  const auto by_time = [](const Event& left, const Event& right) { return left.time_ns < right.time_ns; };
  runs_.clear();
  runs_.push_back(0);
  for (std::size_t at = 1; at < events.size(); ++at) {
    if (by_time(events[at], events[at - 1])) runs_.push_back(at);
  }
  runs_.push_back(events.size());
  const auto place = [&](std::size_t run) {
    return events.begin() + static_cast<std::ptrdiff_t>(runs_[std::min(run, runs_.size() - 1)]);
  };
  for (std::size_t width = 1; width + 1 < runs_.size(); width *= 2) {
    for (std::size_t run = 0; run + width + 1 < runs_.size(); run += 2 * width)
      std::inplace_merge(place(run), place(run + width), place(run + 2 * width), by_time);
  }
}

std::vector<Place> InFlightSends::take_older_half() {
  std::vector<std::uint64_t> begun;
  begun.reserve(size());
  for (const auto& [message, send] : table_) begun.push_back(send.start_ns);
  for (const Event& start : starts_) begun.push_back(start.time_ns);
  if (begun.empty()) return {};
  const auto middle = begun.begin() + static_cast<std::ptrdiff_t>(begun.size() / 2);
  std::nth_element(begun.begin(), middle, begun.end());
  const std::uint64_t until_ns = *middle;
  std::vector<Place> taken;
  absl::erase_if(table_, [&](const auto& send) {
    if (send.second.start_ns <= until_ns) taken.push_back(send.second.place);
    return send.second.start_ns <= until_ns;
  });
  std::erase_if(starts_, [&](const Event& start) {
    if (start.time_ns <= until_ns) taken.push_back(start.place);
    return start.time_ns <= until_ns;
  });
  return taken;
}

}  // namespace waybill::telemetry
