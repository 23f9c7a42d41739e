#include "waybill/context/glob.h"

#include <cstddef>

namespace waybill::context {

// Only the last star is tried again: what earlier ones took could be no better.
bool matches_glob(std::string_view pattern, std::string_view text) {
  constexpr std::size_t kNoStar = std::string_view::npos;
  std::size_t in_pattern = 0;
  std::size_t in_text = 0;
  std::size_t behind_star = kNoStar;
  std::size_t taken_until = 0;  // what the last star stands for ends there
  while (in_text < text.size()) {
    if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
      behind_star = ++in_pattern;
      taken_until = in_text;
    } else if (in_pattern < pattern.size() &&
               (pattern[in_pattern] == '?' || pattern[in_pattern] == text[in_text])) {
      ++in_pattern;
      ++in_text;
    } else if (behind_star != kNoStar) {
      in_pattern = behind_star;
      in_text = ++taken_until;
    } else {
      return false;
    }
  }
  while (in_pattern < pattern.size() && pattern[in_pattern] == '*') ++in_pattern;
  return in_pattern == pattern.size();
}

}  // namespace waybill::context
