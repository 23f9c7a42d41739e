#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace waybill::bench {

inline constexpr std::size_t kServices = 10;
inline constexpr std::size_t kTopics = 20;
inline constexpr std::size_t kPartitions = 8;
inline constexpr std::size_t kHops = 3;
inline constexpr std::size_t kMinutes = 60;
inline constexpr std::int64_t kMinuteNs = 60'000'000'000;

// A message on its way: one service sends it, the next processes it and sends another while it does.
struct Hop {
  std::size_t topic = 0;
  std::size_t sender = 0;    // service
  std::size_t consumer = 0;  // service
  std::size_t partition = 0;
  std::uint64_t offset = 0;
  std::uint64_t parent_id = 0;  // the span in which it is sent; 0: none
  std::uint64_t send_id = 0;    // of its spans
  std::uint64_t process_id = 0;
  std::int64_t sent_ns = 0;
  std::int64_t answered_ns = 0;
  std::int64_t received_ns = 0;
  std::int64_t processed_ns = 0;
  bool send_failed = false;
  bool processing_failed = false;
};

// A trace of three messages; fewer where one fails, which one of a hundred does.
struct Trace {
  std::array<std::uint64_t, 2> id{};
  std::string key;  // of all its messages
  std::array<Hop, kHops> hops;
  std::size_t used = 0;  // hops
};

// An hour of messages, the same for everybody who asks with the same numbers: nothing is remembered.
class Traffic {
 public:
  Traffic(std::uint64_t spans, std::int64_t begin_ns);

  std::uint64_t traces() const { return traces_; }
  std::int64_t begin_ns() const { return begin_ns_; }
  Trace trace(std::uint64_t number) const;

 private:
  std::uint64_t traces_;
  std::int64_t begin_ns_;
  std::int64_t step_ns_;
};

}  // namespace waybill::bench
