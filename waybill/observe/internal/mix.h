#pragma once

#include <cstdint>

namespace waybill::observe::internal {

// Spreads a number's bits over all of it (the finisher of SplitMix64).
constexpr std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31U);
}

}  // namespace waybill::observe::internal
