#include "waybill/context/tracestate.h"

namespace waybill::context {
namespace {

constexpr std::size_t kMaxMembers = 32;
constexpr std::size_t kMaxSimpleKey = 256;
constexpr std::size_t kMaxTenant = 241;
constexpr std::size_t kMaxSystem = 14;
constexpr std::size_t kMaxValue = 256;

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
};

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

bool only_key_characters(Text text) {
  for (const char* at = text.begin; at != text.end; ++at) {
    if (!is_lower(*at) && !is_digit(*at) && *at != '_' && *at != '-' && *at != '*' && *at != '/')
      return false;
  }
  return true;
}

bool valid_key(Text key) {
  if (key.size() == 0 || !only_key_characters({key.begin, key.find('@')})) return false;
  const char* at = key.find('@');
  if (at == key.end) return key.size() <= kMaxSimpleKey && (is_lower(*key.begin) || is_digit(*key.begin));
  const Text tenant{key.begin, at};
  const Text system{at + 1, key.end};
  return tenant.size() >= 1 && tenant.size() <= kMaxTenant &&
         (is_lower(*tenant.begin) || is_digit(*tenant.begin)) && system.size() >= 1 &&
         system.size() <= kMaxSystem && is_lower(*system.begin) && only_key_characters(system);
}

bool valid_value(Text value) {
  if (value.size() == 0 || value.size() > kMaxValue || value.end[-1] == ' ') return false;
  for (const char* at = value.begin; at != value.end; ++at) {
    if (*at < 0x20 || *at > 0x7e || *at == ',' || *at == '=') return false;
  }
  return true;
}

Text without_blanks(Text text) {
  while (text.begin != text.end && is_blank(*text.begin)) ++text.begin;
  while (text.begin != text.end && is_blank(text.end[-1])) --text.end;
  return text;
}

}  // namespace

bool valid_tracestate(std::string_view text) {
  if (text.empty() || text.size() > kMaxTracestateLength) return false;
  Text rest{text.data(), text.data() + text.size()};
  std::size_t members = 0;
  for (;;) {
    const char* comma = rest.find(',');
    const Text member = without_blanks({rest.begin, comma});
    if (member.size() != 0) {
      const char* equals = member.find('=');
      if (equals == member.end || !valid_key({member.begin, equals}) ||
          !valid_value({equals + 1, member.end}))
        return false;
      if (++members > kMaxMembers) return false;
    }
    if (comma == rest.end) return members != 0;
    rest.begin = comma + 1;
  }
}

}  // namespace waybill::context
