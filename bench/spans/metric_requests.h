#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>

#include "traffic.h"

namespace waybill::bench {

// What happened to the messages of each topic, minute by minute.
class MessageCounts {
 public:
  struct OfTopic {
    std::uint64_t sent = 0;  // and answered well
    std::uint64_t send_failed = 0;
    std::uint64_t processed = 0;  // also badly
    std::uint64_t processing_failed = 0;
  };

  void add(const Traffic& traffic, const Trace& trace);
  void add(const MessageCounts& other);
  const OfTopic& of(std::size_t minute, std::size_t topic) const { return counts_[minute][topic]; }

 private:
  std::array<std::array<OfTopic, kTopics>, kMinutes> counts_{};
};

// Calls `post` with the export requests of metrics that tell of the same messages: one of each service for
// each minute, with counters from the beginning, and with the lag of its group in each partition.
void make_metric_requests(const Traffic& traffic, const MessageCounts& counts,
                          const std::function<void(const std::string& body)>& post);

}  // namespace waybill::bench
