#pragma once

#include <cstdint>
#include <span>

namespace waybill::fuzz {

// Plays one input of a fuzz target; each target defines it. Ends the process when the input breaks a promise.
void play(std::span<const std::uint8_t> input);

}  // namespace waybill::fuzz
