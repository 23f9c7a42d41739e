#include "waybill/context/baggage.h"

#include "waybill/context/internal/text_cursor.h"

namespace waybill::context {
namespace {

using internal::is_digit;
using internal::is_lower;
using internal::Text;

constexpr std::size_t kMaxMembers = 180;

// A token (RFC 7230, section 3.2.6).
bool valid_key(Text key) {
  return key.size() != 0 && key.all([](char c) {
    if (is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z')) return true;
    for (const char mark : {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'}) {
      if (c == mark) return true;
    }
    return false;
  });
}

bool valid_value(Text value) {
  return value.all(
      [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != ',' && c != ';' && c != '\\'; });
}

bool valid_pair(Text text) {
  const char* equals = text.find('=');
  return equals != text.end && valid_key(Text{text.begin, equals}.without_blanks()) &&
         valid_value(Text{equals + 1, text.end}.without_blanks());
}

// A pair, or a key alone.
bool valid_property(Text text) {
  return text.find('=') == text.end ? valid_key(text.without_blanks()) : valid_pair(text);
}

bool valid_member(Text member) {
  const char* semicolon = member.find(';');
  if (!valid_pair({member.begin, semicolon})) return false;
  while (semicolon != member.end) {
    const Text rest{semicolon + 1, member.end};
    semicolon = rest.find(';');
    if (!valid_property({rest.begin, semicolon})) return false;
  }
  return true;
}

}  // namespace

bool valid_baggage(std::string_view text) {
  if (text.empty() || text.size() > kMaxBaggageLength) return false;
  Text rest{text.data(), text.data() + text.size()};
  for (std::size_t members = 1; members <= kMaxMembers; ++members) {
    const char* comma = rest.find(',');
    if (!valid_member({rest.begin, comma})) return false;
    if (comma == rest.end) return true;
    rest.begin = comma + 1;
  }
  return false;
}

std::optional<std::string_view> baggage_value(std::string_view text, std::string_view key) {
  std::optional<std::string_view> found;
  Text rest{text.data(), text.data() + text.size()};
  for (;;) {
    const char* comma = rest.find(',');
    const Text member{rest.begin, comma};
    const Text pair{member.begin, member.find(';')};
    const char* equals = pair.find('=');
    const Text name = Text{pair.begin, equals}.without_blanks();
    if (equals != pair.end && std::string_view{name.begin, name.size()} == key) {
      const Text value = Text{equals + 1, pair.end}.without_blanks();
      found = std::string_view{value.begin, value.size()};
    }
    if (comma == rest.end) return found;
    rest.begin = comma + 1;
  }
}

}  // namespace waybill::context
