#include "waybill/configure/internal/substitution.h"

#include <algorithm>

namespace waybill::configure::internal {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_name(std::string_view text) {
  return !text.empty() && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_letter(c) || is_digit(c); });
}

// What a reference may have between its braces. A line break ends the search: such a text is no reference.
bool is_on_one_line(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) || c == '\t';
  });
}

void substitute_reference(std::string_view inside, const Environment& variables, Substituted& result) {
  std::string_view name = inside.starts_with("env:") ? inside.substr(4) : inside;
  std::optional<std::string_view> fallback;
  if (const std::size_t mark = name.find(":-"); mark != std::string_view::npos) {
    fallback = name.substr(mark + 2);
    name = name.substr(0, mark);
  }
  if (!is_name(name)) {
    result.invalid = "${" + std::string{inside} + "}";
    return;
  }
  const auto found = variables.variables().find(name);
  if (found != variables.variables().end() && !found->second.empty()) {
    result.text += found->second;
  } else if (fallback) {
    result.text += *fallback;
  } else if (found == variables.variables().end()) {
    result.missing.emplace_back(name);
  }
}

// `text` has no $$ in it.
void substitute_references(std::string_view text, const Environment& variables, Substituted& result) {
  while (!text.empty() && !result.invalid) {
    const std::size_t begin = text.find("${");
    const std::size_t end = begin == std::string_view::npos ? begin : text.find('}', begin);
    result.text += text.substr(0, begin);
    if (begin == std::string_view::npos) return;
    const std::string_view inside =
        end == std::string_view::npos ? std::string_view{} : text.substr(begin + 2, end - begin - 2);
    if (end == std::string_view::npos || !is_on_one_line(inside)) {
      result.text += "${";
      text.remove_prefix(begin + 2);
      continue;
    }
    substitute_reference(inside, variables, result);
    text.remove_prefix(end + 1);
  }
}

}  // namespace

Substituted substitute(std::string_view text, const Environment& variables) {
  Substituted result;
  for (;;) {
    const std::size_t escape = text.find("$$");
    substitute_references(text.substr(0, escape), variables, result);
    if (escape == std::string_view::npos || result.invalid) return result;
    result.text += '$';
    text.remove_prefix(escape + 2);
  }
}

}  // namespace waybill::configure::internal
