#include "waybill/server/parameters.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "waybill/context/hex.h"

namespace waybill::server {
namespace {

constexpr std::int64_t kHour = 3'600'000'000'000;

template <typename Number>
std::optional<Number> read(const std::string& text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

template <typename Id>
Id read_id(std::string digits) {
  Id id;
  std::transform(digits.begin(), digits.end(), digits.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  const bool is_read = digits.size() == 2 * id.bytes.size() &&
                       context::from_hex(digits.data(), id.bytes.size(), id.bytes.data());
  return is_read ? id : Id{};
}

}  // namespace

void Parameters::complain(const std::string& name, const std::string& wanted) {
  if (wrong_.empty()) wrong_ = name + " must be " + wanted + ", but is \"" + text(name) + '"';
}

std::string Parameters::text(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::string{} : found->second;
}

std::optional<std::int64_t> Parameters::integer(const std::string& name) {
  if (!has(name)) return std::nullopt;
  const auto number = read<std::int64_t>(text(name));
  if (number && *number >= 0) return number;
  complain(name, "a whole number, 0 or more");
  return std::nullopt;
}

std::int32_t Parameters::partition(const std::string& name) {
  const std::int64_t number = integer(name).value_or(-1);
  if (number <= std::numeric_limits<std::int32_t>::max()) return static_cast<std::int32_t>(number);
  complain(name, "the number of a partition");
  return -1;
}

std::optional<double> Parameters::number(const std::string& name) {
  if (!has(name)) return std::nullopt;
  const auto number = read<double>(text(name));
  if (number && std::isfinite(*number) && *number >= 0) return number;
  complain(name, "a number, 0 or more");
  return std::nullopt;
}

bool Parameters::flag(const std::string& name) {
  const std::string value = text(name);
  if (value == "true" || value == "1") return true;
  if (has(name) && value != "false" && value != "0") complain(name, "true or false");
  return false;
}

std::size_t Parameters::count(const std::string& name, std::size_t otherwise, std::size_t most) {
  const auto number = integer(name);
  if (!number) return otherwise;
  if (*number == 0 || static_cast<std::uint64_t>(*number) > most)
    complain(name, "between 1 and " + std::to_string(most));
  return std::min(most, static_cast<std::size_t>(*number));
}

context::TraceId Parameters::trace_id(const std::string& name) {
  const context::TraceId id = trace_id_of(text(name));
  if (has(name) && !id.valid()) complain(name, "32 hexadecimal digits, not all zero");
  return id;
}

context::SpanId Parameters::span_id(const std::string& name) {
  const context::SpanId id = span_id_of(text(name));
  if (has(name) && !id.valid()) complain(name, "16 hexadecimal digits, not all zero");
  return id;
}

store::Window Parameters::window() {
  // Beyond this the product would be no number of nanoseconds.
  constexpr double kLatestMs = 9.2e12;
  const auto time = [&](const char* name, std::int64_t otherwise) {
    const auto ms = number(name);
    if (!ms) return otherwise;
    if (*ms > kLatestMs) complain(name, "milliseconds since 1970");
    return static_cast<std::int64_t>(std::min(*ms, kLatestMs) * 1e6);
  };
  const std::int64_t to_ns = time("to", now_ns_);
  const std::int64_t from_ns = time("from", to_ns - kHour);
  if (from_ns >= to_ns) complain("from", "before `to`");
  return {from_ns, to_ns};
}

context::TraceId trace_id_of(const std::string& digits) { return read_id<context::TraceId>(digits); }
context::SpanId span_id_of(const std::string& digits) { return read_id<context::SpanId>(digits); }

}  // namespace waybill::server
