#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace waybill::analysis {

// How much of what a group did in a topic its spans tell. Both counts are of messages that were handed over
// in the same time, so a count of metrics ends where the metric's last point does.
//
// `from_ns` is since when the group's telemetry would be known if there was any: mostly since when the store
// remembers, and not when the group began. Whoever fills it takes `counted` from
// messaging.client.consumed.messages and `traced` from the spans: the messages of the process spans, or,
// where the group has none, of the receive spans.
struct Coverage {
  std::int64_t from_ns = 0;
  std::int64_t until_ns = 0;
  std::optional<double> counted;  // none: no metric says how many there were
  double traced = 0;
  bool is_sampled = false;    // one of its spans stands for more than itself
  std::uint64_t dropped = 0;  // spans of it that are known to be lost
};

// Whether nothing that the group got between `from_ns` and `until_ns` is without a span. Only then does a
// span that is not there mean anything.
bool is_whole(const Coverage& coverage);

// Why it is not, as half a sentence: "spans tell of 12 of 120 messages". Empty if it is whole.
std::string why_not_whole(const Coverage& coverage);

// The same of a certain time: it is not whole either where the counts do not reach.
std::string why_not_whole_between(const Coverage& coverage, std::int64_t from_ns, std::int64_t until_ns);

}  // namespace waybill::analysis
