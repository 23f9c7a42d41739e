#include "waybill/context/tracestate.h"

#include "waybill/context/internal/text_cursor.h"

namespace waybill::context {
namespace {

using internal::is_digit;
using internal::is_lower;
using internal::Text;

constexpr std::size_t kMaxMembers = 32;
constexpr std::size_t kMaxSimpleKey = 256;
constexpr std::size_t kMaxTenant = 241;
constexpr std::size_t kMaxSystem = 14;
constexpr std::size_t kMaxValue = 256;

bool only_key_characters(Text text) {
  return text.all(
      [](char c) { return is_lower(c) || is_digit(c) || c == '_' || c == '-' || c == '*' || c == '/'; });
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
  return value.all([](char c) { return c >= 0x20 && c <= 0x7e && c != ',' && c != '='; });
}

}  // namespace

bool valid_tracestate(std::string_view text) {
  if (text.empty() || text.size() > kMaxTracestateLength) return false;
  Text rest{text.data(), text.data() + text.size()};
  std::size_t members = 0;
  for (;;) {
    const char* comma = rest.find(',');
    const Text member = Text{rest.begin, comma}.without_blanks();
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
