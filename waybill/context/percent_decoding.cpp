#include "waybill/context/percent_decoding.h"

#include <cstdint>

namespace waybill::context {
namespace {

// One byte of the text's meaning, and how many characters say it.
struct Octet {
  std::uint8_t value;
  std::size_t length;
};

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Octet octet_at(std::string_view text, std::size_t at) {
  if (text[at] == '%' && text.size() - at > 2) {
    const int high = digit_of(text[at + 1]);
    const int low = digit_of(text[at + 2]);
    if (high >= 0 && low >= 0) return {static_cast<std::uint8_t>(high * 16 + low), 3};
  }
  return {static_cast<std::uint8_t>(text[at]), 1};
}

// How many bytes the character that starts with `lead` has; 0: it cannot start one.
std::size_t length_of(std::uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  if (lead >= 0xf0 && lead < 0xf5) return 4;
  return 0;
}

// RFC 3629, section 4: no longer forms than needed, no surrogates, nothing above U+10FFFF.
bool may_follow(std::uint8_t lead, std::size_t at, std::uint8_t value) {
  std::uint8_t least = 0x80;
  std::uint8_t most = 0xbf;
  if (at == 1 && lead == 0xe0) least = 0xa0;
  if (at == 1 && lead == 0xed) most = 0x9f;
  if (at == 1 && lead == 0xf0) least = 0x90;
  if (at == 1 && lead == 0xf4) most = 0x8f;
  return value >= least && value <= most;
}

struct Character {
  char bytes[4];
  std::size_t size;  // 0: it is none
  std::size_t next;  // where the text goes on
};

Character character_at(std::string_view text, std::size_t at) {
  const Octet lead = octet_at(text, at);
  const std::size_t length = length_of(lead.value);
  Character character{{static_cast<char>(lead.value)}, 0, at + lead.length};
  for (std::size_t place = 1; place < length; ++place) {
    if (character.next == text.size()) return character;
    const Octet octet = octet_at(text, character.next);
    if (!may_follow(lead.value, place, octet.value)) return character;
    character.bytes[place] = static_cast<char>(octet.value);
    character.next += octet.length;
  }
  character.size = length;
  return character;
}

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

}  // namespace

std::size_t decode_percent(std::string_view text, std::span<char> target) {
  std::size_t size = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Character character = character_at(text, at);
    const std::string_view bytes =
        character.size == 0 ? kReplacement : std::string_view{character.bytes, character.size};
    for (const char byte : bytes) {
      if (size < target.size()) target[size] = byte;
      ++size;
    }
    at = character.next;
  }
  return size;
}

}  // namespace waybill::context
