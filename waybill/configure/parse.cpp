#include "waybill/configure/parse.h"

#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "waybill/configure/environment.h"

namespace waybill::configure {

std::optional<std::uint64_t> parse_integer(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

namespace {

std::optional<double> parse_number(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::optional<double> parse_ratio(std::string_view text) {
  const std::optional<double> number = parse_number(text);
  return number && *number >= 0 && *number <= 1 ? number : std::nullopt;
}

std::optional<double> parse_rate(std::string_view text) {
  const std::optional<double> number = parse_number(text);
  return number && *number > 0 && std::isfinite(*number) ? number : std::nullopt;
}

std::optional<double> parse_percentage(std::string_view text) {
  const std::optional<double> number = parse_number(text);
  return number && *number > 0 && *number <= 100 ? number : std::nullopt;
}

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  constexpr std::pair<std::string_view, double> kUnits[] = {{"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
  constexpr double kMost = 86'400e9;
  text = trim(text);
  for (const auto& [unit, nanoseconds] : kUnits) {
    if (!text.ends_with(unit)) continue;
    const std::optional<double> number = parse_rate(trim(text.substr(0, text.size() - unit.size())));
    if (!number || *number * nanoseconds > kMost || *number * nanoseconds < 1) return std::nullopt;
    return std::chrono::nanoseconds{static_cast<std::int64_t>(*number * nanoseconds)};
  }
  return std::nullopt;
}

std::vector<std::string_view> parse_list(std::string_view text) {
  std::vector<std::string_view> members;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view member = trim(text.substr(0, comma));
    if (!member.empty()) members.push_back(member);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return members;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      decoded += text[at];
      continue;
    }
    unsigned value = 0;
    const std::string_view digits = text.substr(at + 1, 2);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() != 2 || error != std::errc{} || end != digits.data() + 2) return std::nullopt;
    decoded += static_cast<char>(value);
    at += 2;
  }
  return decoded;
}

std::optional<Pairs> parse_pairs(std::string_view text) {
  Pairs pairs;
  for (const std::string_view member : parse_list(text)) {
    const std::size_t equals = member.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::optional<std::string> key = percent_decode(trim(member.substr(0, equals)));
    std::optional<std::string> value = percent_decode(trim(member.substr(equals + 1)));
    if (!key || key->empty() || !value) return std::nullopt;
    pairs.emplace_back(*key, *std::move(value));
  }
  return pairs;
}

namespace {

// What stands behind the scheme; empty when the scheme is neither http nor https.
std::string_view behind_scheme(std::string_view url) {
  if (url.starts_with("http://")) return url.substr(7);
  if (url.starts_with("https://")) return url.substr(8);
  return {};
}

}  // namespace

bool is_http_url(std::string_view text) {
  const std::string_view rest = behind_scheme(text);
  return !rest.empty() && rest.front() != '/' && rest.front() != ':' &&
         rest.find_first_of(" \t\"<>") == std::string_view::npos;
}

bool has_no_path(std::string_view url) { return behind_scheme(url).find('/') == std::string_view::npos; }

std::string without_password(std::string_view url) {
  const std::string_view rest = behind_scheme(url);
  const std::size_t at = rest.substr(0, rest.find('/')).rfind('@');
  if (at == std::string_view::npos) return std::string{url};
  return std::string{url.substr(0, url.size() - rest.size())} + "…@" + std::string{rest.substr(at + 1)};
}

}  // namespace waybill::configure
