#include "waybill/telemetry/in_flight_sends.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace waybill::telemetry {

bool InFlightSends::start(StartedSend send) {
  if (size_ == capacity_) return false;
  std::vector<StartedSend>& sends = by_message_[send.record.message];
  const auto later = std::find_if(sends.begin(), sends.end(), [&](const StartedSend& other) {
    return other.record.start_ns > send.record.start_ns;
  });
  sends.insert(later, std::move(send));
  ++size_;
  return true;
}

std::optional<StartedSend> InFlightSends::end(const segment::SendEnded& end) {
  const auto found = by_message_.find(end.message);
  if (found == by_message_.end()) return std::nullopt;
  std::vector<StartedSend>& sends = found->second;
  auto latest = std::find_if(sends.rbegin(), sends.rend(), [&](const StartedSend& send) {
    return send.record.start_ns <= end.end_ns && send.record.client == end.client;
  });
  if (latest == sends.rend()) return std::nullopt;

  std::optional<StartedSend> result{std::move(*latest)};
  const auto place = std::prev(latest.base());
  for (auto older = sends.begin(); older != place; ++older)
    superseded_.push_back({end.message, older->record.start_ns});
  sends.erase(place);
  --size_;
  if (sends.empty()) by_message_.erase(found);
  return result;
}

std::size_t InFlightSends::give_up_superseded() {
  std::size_t given_up = 0;
  for (const Superseded& start : superseded_earlier_) given_up += remove(start) ? 1U : 0U;
  superseded_earlier_ = std::move(superseded_);
  superseded_.clear();
  return given_up;
}

bool InFlightSends::remove(const Superseded& start) {
  const auto found = by_message_.find(start.message);
  if (found == by_message_.end()) return false;
  std::vector<StartedSend>& sends = found->second;
  const auto place = std::find_if(sends.begin(), sends.end(), [&](const StartedSend& send) {
    return send.record.start_ns == start.start_ns;
  });
  if (place == sends.end()) return false;
  sends.erase(place);
  --size_;
  if (sends.empty()) by_message_.erase(found);
  return true;
}

std::vector<StartedSend> InFlightSends::take_client(std::uint32_t client) {
  std::vector<StartedSend> taken;
  for (auto entry = by_message_.begin(); entry != by_message_.end();) {
    std::vector<StartedSend>& sends = entry->second;
    const auto of_client =
        std::stable_partition(sends.begin(), sends.end(),
                              [client](const StartedSend& send) { return send.record.client != client; });
    std::move(of_client, sends.end(), std::back_inserter(taken));
    sends.erase(of_client, sends.end());
    entry = sends.empty() ? by_message_.erase(entry) : std::next(entry);
  }
  size_ -= taken.size();
  return taken;
}

std::vector<StartedSend> InFlightSends::take_all() {
  std::vector<StartedSend> taken;
  taken.reserve(size_);
  for (auto& [message, sends] : by_message_) std::move(sends.begin(), sends.end(), std::back_inserter(taken));
  by_message_.clear();
  size_ = 0;
  return taken;
}

}  // namespace waybill::telemetry
