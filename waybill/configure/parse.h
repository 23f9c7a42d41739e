#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// How single values are read from text. None: the text is not of that form.
namespace waybill::configure {

std::optional<std::uint64_t> parse_integer(std::string_view text);
std::optional<double> parse_ratio(std::string_view text);       // [0, 1]
std::optional<double> parse_rate(std::string_view text);        // > 0, finite
std::optional<double> parse_percentage(std::string_view text);  // > 0, up to 100

// "500ms", "2s", "250us", "1.5s". Above 0, and no more than a day.
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);

// The members of a comma list, trimmed, without empty ones.
std::vector<std::string_view> parse_list(std::string_view text);

// %41 → A. None: a percent sign without two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text);

// "key=value,key2=value%202": trimmed, values decoded (W3C Baggage format without properties). None: a member
// without
// "=" or with an empty key, or a value that cannot be decoded.
using Pairs = std::vector<std::pair<std::string, std::string>>;
std::optional<Pairs> parse_pairs(std::string_view text);

// True for http:// or https:// with a host.
bool is_http_url(std::string_view text);

// True if nothing but the host stands in the URL.
bool has_no_path(std::string_view url);

// A URL without the password that may stand in it: what messages show.
std::string without_password(std::string_view url);

}  // namespace waybill::configure
