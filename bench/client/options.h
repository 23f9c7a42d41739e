#pragma once

#include <cstdint>
#include <string>

namespace waybill::bench {

// What the client itself does with headers, beside whatever is loaded into it.
enum class Headers {
  kNone,      // bare
  kAllocate,  // a constant traceparent, in a list that is allocated for each message
  kRecycle,   // a constant traceparent, in lists that are used again: the floor of any injection
  kRead,      // consuming: the traceparent is looked up: the floor of any extraction
};

struct Options {
  std::string brokers;  // empty: a mock cluster in this process
  std::string topic = "bench";
  std::string plugin;  // plugin.library.paths
  Headers headers = Headers::kNone;
  std::uint64_t messages = 1'000'000;
  std::uint64_t rate = 0;         // messages a second; 0: as fast as it goes
  std::uint32_t size = 100;       // bytes of the value
  std::uint32_t sampled = 100;    // consuming: percent of the messages whose context is sampled
  bool sampled_only = false;      // consuming: the others carry no header
  std::uint64_t flush_every = 0;  // producing: wait for all delivery reports after so many messages; 0: never
  bool latency = false;           // measure every produce call
};

}  // namespace waybill::bench
