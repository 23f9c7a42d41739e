#include "waybill/configure/environment.h"

namespace waybill::configure {

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

Environment Environment::from_block(std::string_view block) {
  Environment environment;
  while (!block.empty()) {
    const std::size_t end = block.find('\0');
    environment.set(block.substr(0, end));
    block.remove_prefix(end == std::string_view::npos ? block.size() : end + 1);
  }
  return environment;
}

Environment Environment::from_list(const char* const* variables) {
  Environment environment;
  for (; variables != nullptr && *variables != nullptr; ++variables) environment.set(*variables);
  return environment;
}

void Environment::set(std::string_view line) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos || equals == 0) return;
  set(line.substr(0, equals), line.substr(equals + 1));
}

void Environment::set(std::string_view name, std::string_view value) {
  values_.insert_or_assign(std::string{name}, std::string{value});
}

void Environment::forget(std::string_view name) {
  if (const auto found = values_.find(name); found != values_.end()) values_.erase(found);
}

std::optional<std::string_view> Environment::get(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return std::nullopt;
  const std::string_view value = trim(found->second);
  if (value.empty()) return std::nullopt;
  return value;
}

}  // namespace waybill::configure
