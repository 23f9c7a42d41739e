#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace waybill::configure {

// The environment variables of one host: name → value. A value; empty counts as unset (OpenTelemetry
// specification, Environment Variable Specification, "Parsing empty value").
class Environment {
 public:
  // Reads NAME=value lines with zero bytes between, as a host copies them into its segment. A later line
  // replaces an earlier one of the same name.
  static Environment from_block(std::string_view block);

  // Reads the null-terminated list that `environ` is. All of it: a configuration file may refer to any.
  static Environment from_list(const char* const* variables);

  void set(std::string_view line);
  void set(std::string_view name, std::string_view value);

  // Everything that is set, as it is written: blanks and empty values too.
  const std::map<std::string, std::string, std::less<>>& variables() const { return values_; }

  void forget(std::string_view name);

  // The value without blanks around it; none if it is unset or empty.
  std::optional<std::string_view> get(std::string_view name) const;

  friend bool operator<(const Environment& left, const Environment& right) {
    return left.values_ < right.values_;
  }
  friend bool operator==(const Environment&, const Environment&) = default;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

// `text` without blanks at both ends.
std::string_view trim(std::string_view text);

}  // namespace waybill::configure
