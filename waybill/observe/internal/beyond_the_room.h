#pragma once

#include <atomic>
#include <cstdint>

namespace waybill::observe::internal {

// Where a parent may be found that this room does not know of; 0: nowhere, and a send need not look.
enum Beyond : std::uint32_t { kApplicationSpans = 1, kSiblings = 2 };
inline constinit std::atomic<std::uint32_t> beyond_the_room{0};

inline void look_beyond(Beyond place, bool shall_look) {
  if (shall_look)
    beyond_the_room.fetch_or(place, std::memory_order_release);
  else
    beyond_the_room.fetch_and(~std::uint32_t{place}, std::memory_order_release);
}

}  // namespace waybill::observe::internal
