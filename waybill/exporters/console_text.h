#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// What lines for a person have in common. Pure functions.
namespace waybill::exporters {

// `text` with control characters written as \xNN.
std::string escaped(std::string_view text);

// "22:13:20.123456Z".
std::string time_of_day(std::uint64_t unix_ns);

}  // namespace waybill::exporters
