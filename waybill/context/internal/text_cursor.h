#pragma once

#include <cstddef>

namespace waybill::context::internal {

// A cursor instead of string_view::substr: that one throws, and the host side has no runtime library.
struct Text {
  const char* begin;
  const char* end;

  std::size_t size() const { return static_cast<std::size_t>(end - begin); }
  const char* find(char wanted) const {
    for (const char* at = begin; at != end; ++at) {
      if (*at == wanted) return at;
    }
    return end;
  }
  // True if `allows(char)` does so for all of it.
  template <typename Allows>
  bool all(Allows&& allows) const {
    for (const char* at = begin; at != end; ++at) {
      if (!allows(*at)) return false;
    }
    return true;
  }
  Text without_blanks() const {
    const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
    Text text = *this;
    while (text.begin != text.end && is_blank(*text.begin)) ++text.begin;
    while (text.begin != text.end && is_blank(text.end[-1])) --text.end;
    return text;
  }
};

inline bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace waybill::context::internal
