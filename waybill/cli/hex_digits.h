#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <string>

namespace waybill::cli {

// Checks that an option's value has so many hexadecimal digits, and nothing else.
inline CLI::Validator hex_digits(std::size_t count) {
  const auto check = [count](const std::string& text) {
    const bool is_hex =
        text.size() == count && text.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
    return is_hex ? std::string{} : "it must be " + std::to_string(count) + " hexadecimal digits";
  };
  return CLI::Validator{check, "", ""};
}

}  // namespace waybill::cli
