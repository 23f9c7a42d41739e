#include "traffic.h"

namespace waybill::bench {
namespace {

constexpr std::uint64_t kSpansOfATrace = 2 * kHops;
constexpr std::int64_t kMicrosecond = 1'000;
constexpr std::int64_t kMillisecond = 1'000'000;

// SplitMix64: as good as random, and again the same.
std::uint64_t mixed(std::uint64_t number) {
  number += 0x9e3779b97f4a7c15U;
  number = (number ^ (number >> 30U)) * 0xbf58476d1ce4e5b9U;
  number = (number ^ (number >> 27U)) * 0x94d049bb133111ebU;
  return number ^ (number >> 31U);
}

}  // namespace

Traffic::Traffic(std::uint64_t spans, std::int64_t begin_ns)
    : traces_{(spans + kSpansOfATrace - 1) / kSpansOfATrace},
      begin_ns_{begin_ns},
      step_ns_{static_cast<std::int64_t>(kMinutes) * kMinuteNs / static_cast<std::int64_t>(traces_ + 1)} {}

Trace Traffic::trace(std::uint64_t number) const {
  Trace trace;
  trace.id = {mixed(2 * number), mixed(2 * number + 1)};
  trace.key = "order-" + std::to_string(number);
  std::int64_t now = begin_ns_ + static_cast<std::int64_t>(number) * step_ns_;
  std::uint64_t parent = 0;
  for (Hop& hop : trace.hops) {
    const std::size_t at = trace.used++;
    // Who consumes from a topic sends to the one behind it.
    hop.topic = (number + at) % kTopics;
    hop.sender = hop.topic % kServices;
    hop.consumer = (hop.topic + 1) % kServices;
    const std::uint64_t in_topic = number / kTopics * kHops + at;
    hop.partition = in_topic % kPartitions;
    hop.offset = in_topic / kPartitions;
    hop.parent_id = parent;
    hop.send_id = mixed(~(kSpansOfATrace * number + 2 * at));
    hop.process_id = mixed(~(kSpansOfATrace * number + 2 * at + 1));
    const std::uint64_t chance = mixed(hop.send_id);
    hop.send_failed = chance % 200 == 0;
    hop.processing_failed = chance % 200 == 1;
    hop.sent_ns = now;
    hop.answered_ns = now + 2 * kMillisecond + static_cast<std::int64_t>(chance % 8'000) * kMicrosecond;
    hop.received_ns = hop.answered_ns + static_cast<std::int64_t>(chance / 8'000 % 40'000) * kMicrosecond;
    hop.processed_ns = hop.received_ns + 20 * kMillisecond;
    if (hop.send_failed || hop.processing_failed) break;
    now = hop.received_ns + 5 * kMillisecond;
    parent = hop.process_id;
  }
  return trace;
}

}  // namespace waybill::bench
