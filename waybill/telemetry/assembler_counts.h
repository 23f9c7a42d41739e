#pragma once

#include <cstdint>

namespace waybill::telemetry {

// The books of what joins records: started == finished + lost_ends + given_up + not_kept + in_flight.
struct AssemblerCounts {
  std::uint64_t started = 0;    // send, receive and process operations whose start was read
  std::uint64_t finished = 0;   // spans handed out
  std::uint64_t lost_ends = 0;  // the host had no room for the end record: no span
  std::uint64_t given_up = 0;   // there was no room to keep their starts any longer
  std::uint64_t not_kept = 0;   // not sampled, and neither failed nor slow enough to be kept
  std::uint64_t in_flight = 0;
  std::uint64_t malformed = 0;  // records that contradict themselves; in no other number

  AssemblerCounts& operator+=(const AssemblerCounts& other) {
    started += other.started;
    finished += other.finished;
    lost_ends += other.lost_ends;
    given_up += other.given_up;
    not_kept += other.not_kept;
    in_flight += other.in_flight;
    malformed += other.malformed;
    return *this;
  }
};

}  // namespace waybill::telemetry
