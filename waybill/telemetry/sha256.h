#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace waybill::telemetry {

// The SHA-256 of a text (FIPS 180-4, section 6.2).
std::array<std::uint8_t, 32> sha256(std::string_view text);

}  // namespace waybill::telemetry
