#pragma once

#include <optional>
#include <string>

#include "waybill/cli/answer_reader.h"

// Numbers, times and names of an answer, as a person reads them. Pure, but for the time zone.
namespace waybill::cli {

// "–": not known.
std::string count_of(std::optional<double> count);  // 12,345; with a fraction below 10: 2.5
std::string rate_of(std::optional<double> per_s);   // 0.25, 17.3, 1,200
std::string duration_of(std::optional<double> ms);  // 0.42 ms, 3.1 s, 2 min 5 s, 3 h 10 min, 4 d 2 h
std::string whole_of(std::optional<double> value);  // an offset: 1234

std::string time_of(std::optional<double> ms);   // 2026-11-26 14:03:22.123
std::string clock_of(std::optional<double> ms);  // 14:03:22.123

// "2026-11-26 13:21 to 14:21 UTC", of an answer's window.
std::string window_of(const Json& answer);

// "orders/3@1234", with as much of it as is known; else the span that names the message.
std::string place_of(const Json& message);
// The same with what else names it: a key, or its span where no offset is known.
std::string name_of(const Json& message);

}  // namespace waybill::cli
