#include "waybill/lag/rest_book.h"

#include <algorithm>
#include <utility>

namespace waybill::lag {
namespace {

// In records: so a log that cannot be read is not tried for ever.
constexpr std::uint64_t kLeastCost = 100;

}  // namespace

std::optional<ReadRequest> RestBook::plan(const Rest& rest, std::int64_t log_end, Clock::time_point now) {
  const auto [place, is_new] = entries_.try_emplace(rest);
  Entry& entry = place->second;
  if (is_new || now - entry.since >= limits_.count_again) {
    entry = {.reached = rest.from,
             .records_left = limits_.resting_records,
             .bytes_left = limits_.resting_bytes,
             .since = now,
             .rests = entry.rests};
  }
  entry.planned = true;
  if (entry.reached >= log_end || entry.records_left == 0 || entry.bytes_left == 0) return std::nullopt;
  const std::uint64_t records = entry.rests ? entry.records_left : limits_.moving_records;
  const std::uint64_t bytes = entry.rests ? entry.bytes_left : limits_.moving_bytes;
  return ReadRequest{.at = rest.at,
                     .from = entry.reached,
                     .until = log_end,
                     .most_records = std::min(records, entry.records_left),
                     .most_bytes = std::min(bytes, entry.bytes_left)};
}

void RestBook::add(const Rest& rest, const ReadRequest& request, const ReadResult& result) {
  const auto place = entries_.find(rest);
  if (place == entries_.end() || result.reached < request.from) return;
  Entry& entry = place->second;
  entry.records_left -= std::min(entry.records_left, std::max(result.messages, kLeastCost));
  entry.bytes_left -= std::min(entry.bytes_left, result.bytes);
  entry.reached = result.reached;
  if (entry.messages == 0) entry.oldest_ms = result.oldest_ms;
  entry.messages += result.messages;
}

RestBook::Counted RestBook::count(const Rest& rest, std::int64_t log_end) const {
  const auto place = entries_.find(rest);
  if (place == entries_.end()) return {};
  const Entry& entry = place->second;
  const std::int64_t ahead = std::max<std::int64_t>(0, log_end - entry.reached);
  return {.messages = entry.messages + static_cast<std::uint64_t>(ahead),
          .uncounted = static_cast<std::uint64_t>(ahead),
          .oldest_ms = entry.oldest_ms};
}

void RestBook::end_round() {
  std::erase_if(entries_, [](const auto& one) { return !one.second.planned; });
  for (auto& [rest, entry] : entries_) entry.rests = std::exchange(entry.planned, false);
}

}  // namespace waybill::lag
