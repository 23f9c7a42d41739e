#include "waybill/configure/internal/setting_reader.h"

#include <algorithm>
#include <cassert>

#include "waybill/configure/parse.h"
#include "waybill/configure/setting_table.h"

namespace waybill::configure::internal {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool same_word(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char one, char other) { return lower(one) == lower(other); });
}

std::string quoted(std::string_view value) {
  constexpr std::size_t kMostShown = 200;
  std::size_t size = std::min(value.size(), kMostShown);
  // Cut in front of a character, not inside its UTF-8 bytes.
  while (size < value.size() && size > 0 && (static_cast<unsigned char>(value[size]) & 0xc0U) == 0x80U)
    --size;
  std::string shown{value.substr(0, size)};
  for (char& c : shown) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return "\"" + shown + (size < value.size() ? "…" : "") + "\"";
}

void SettingReader::complain(std::string_view name, std::string message) {
  const auto is_known = [&](const Problem& one) { return one.setting == name && one.message == message; };
  if (std::any_of(problems_.begin(), problems_.end(), is_known)) return;
  problems_.push_back({std::string{name}, std::move(message)});
}

std::optional<std::string_view> SettingReader::text(std::string_view name) const {
  assert(find_setting(name) != nullptr);
  return environment_.get(name);
}

std::string_view SettingReader::set_one(std::string_view own, std::string_view general) const {
  return text(own) ? own : general;
}

bool SettingReader::boolean(std::string_view name, bool fallback) {
  const std::optional<std::string_view> value = text(name);
  if (!value) return fallback;
  if (same_word(*value, "true")) return true;
  if (!same_word(*value, "false"))
    complain(name, quoted(*value) + " is neither true nor false; false is used");
  return false;
}

std::uint64_t SettingReader::integer(std::string_view name, std::uint64_t fallback, std::uint64_t least,
                                     std::uint64_t most) {
  const std::optional<std::string_view> value = text(name);
  if (!value) return fallback;
  const std::optional<std::uint64_t> number = parse_integer(*value);
  if (number && *number >= least && *number <= most) return *number;
  complain(name, quoted(*value) + " is not a whole number from " + std::to_string(least) + " to " +
                     std::to_string(most) + "; " +
                     (fallback == kNoLimit ? std::string{"no limit"} : std::to_string(fallback)) +
                     " is used");
  return fallback;
}

std::optional<std::vector<std::string_view>> SettingReader::list(std::string_view name) {
  const std::optional<std::string_view> value = text(name);
  if (!value) return std::nullopt;
  std::vector<std::string_view> members = parse_list(*value);
  if (!members.empty()) return members;
  complain(name, quoted(*value) + " names nothing; " + default_is_used(name));
  return std::nullopt;
}

std::vector<std::string> SettingReader::patterns(std::string_view name, const PatternBounds& most,
                                                 std::size_t taken) {
  std::vector<std::string> found;
  for (const std::string_view pattern : list(name).value_or(std::vector<std::string_view>{})) {
    if (pattern.size() > most.length) {
      complain(name, quoted(pattern) + " is longer than " + std::to_string(most.length) +
                         " characters; it is skipped");
    } else if (taken + found.size() == most.count) {
      complain(name, "there are more than " + std::to_string(most.count) +
                         " patterns to include and to exclude; those from " + quoted(pattern) +
                         " on are skipped");
      break;
    } else {
      found.emplace_back(pattern);
    }
  }
  return found;
}

void SettingReader::complain_about_none(std::string_view name, const std::vector<std::string_view>& members) {
  const auto is_none = [](std::string_view member) { return same_word(member, "none"); };
  if (std::any_of(members.begin(), members.end(), is_none) &&
      !std::all_of(members.begin(), members.end(), is_none)) {
    complain(name, "\"none\" stands beside other names; it is skipped");
  }
}

std::string SettingReader::default_is_used(std::string_view name) {
  const Setting* setting = find_setting(name);
  if (setting == nullptr || setting->default_text.empty()) return "it is ignored";
  return std::string{setting->default_text} + " is used";
}

}  // namespace waybill::configure::internal
