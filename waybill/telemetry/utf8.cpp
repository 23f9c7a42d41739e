#include "waybill/telemetry/utf8.h"

#include <cstdint>
#include <cstring>

namespace waybill::telemetry {
namespace {

// How many bytes the character that starts with `lead` has; 0: it cannot start one.
std::size_t length_of(std::uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  if (lead >= 0xf0 && lead < 0xf5) return 4;
  return 0;
}

bool second_is_sound(std::uint8_t lead, std::uint8_t second) {
  if (lead == 0xe0) return second >= 0xa0;
  if (lead == 0xed) return second < 0xa0;
  if (lead == 0xf0) return second >= 0x90;
  if (lead == 0xf4) return second < 0x90;
  return true;
}

bool is_ascii_word(const char* eight_bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, eight_bytes, sizeof word);
  return (word & 0x8080'8080'8080'8080U) == 0;
}

// How many bytes at the start are surely ASCII; most texts are nothing else.
std::size_t ascii_prefix(std::string_view text) {
  constexpr std::size_t kWord = 8;
  if (text.size() < kWord) return 0;
  const std::size_t last = text.size() - kWord;
  for (std::size_t at = 0; at < last; at += kWord) {
    if (!is_ascii_word(text.data() + at)) return at;
  }
  return is_ascii_word(text.data() + last) ? text.size() : last - last % kWord;
}

}  // namespace

bool is_utf8(std::string_view text) {
  std::size_t at = ascii_prefix(text);
  while (at < text.size()) {
    const auto lead = static_cast<std::uint8_t>(text[at]);
    const std::size_t length = length_of(lead);
    if (length == 0 || at + length > text.size()) return false;
    for (std::size_t next = 1; next < length; ++next) {
      if ((static_cast<std::uint8_t>(text[at + next]) & 0xc0U) != 0x80) return false;
    }
    if (length > 1 && !second_is_sound(lead, static_cast<std::uint8_t>(text[at + 1]))) return false;
    at += length;
  }
  return true;
}

std::string_view cut_utf8(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<std::uint8_t>(text[most]) & 0xc0U) == 0x80) --most;
  return text.substr(0, most);
}

}  // namespace waybill::telemetry
