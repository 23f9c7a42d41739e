#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "waybill/configure/environment.h"
#include "waybill/configure/resolve.h"

namespace waybill::configure::internal {

// The value of a number that stands for "as many as there are".
inline constexpr std::uint64_t kNoLimit = SIZE_MAX;

// A word that a setting may have, and what it means.
template <typename Value>
struct Choice {
  std::string_view text;
  Value value;
};

// Of the patterns of an include list and an exclude list, which share one table.
struct PatternBounds {
  std::size_t length;
  std::size_t count;  // of both lists
};

// True if both are the same word, in upper or lower case: names of choices are read so (OpenTelemetry
// specification, Environment Variable Specification, "Enum").
bool same_word(std::string_view left, std::string_view right);

// `value` in quotation marks, as a message shows it: cut when it is long, without control characters.
std::string quoted(std::string_view value);

// Reads the settings of one environment one after the other, and collects what is wrong with them. Every name
// stands in the setting table, which also says what a message calls the default. Used by resolve() only.
class SettingReader {
 public:
  explicit SettingReader(const Environment& environment) : environment_{environment} {}

  std::vector<Problem> take_problems() { return std::move(problems_); }
  // A setting that is read for several signals is complained about once.
  void complain(std::string_view name, std::string message);

  std::optional<std::string_view> text(std::string_view name) const;

  // A variable that is none of our settings.
  std::optional<std::string_view> foreign_text(std::string_view name) const { return environment_.get(name); }

  // The first of two names that is set: a signal's own setting wins over the general one.
  std::string_view set_one(std::string_view own, std::string_view general) const;

  // Only "true", in any case, is true; anything but true and false is told.
  bool boolean(std::string_view name, bool fallback);

  std::uint64_t integer(std::string_view name, std::uint64_t fallback, std::uint64_t least,
                        std::uint64_t most);

  // The members of a comma list. None: the setting is not set, or names nothing.
  std::optional<std::vector<std::string_view>> list(std::string_view name);

  // The patterns of a comma list; `taken` places of the table are those of the other list.
  std::vector<std::string> patterns(std::string_view name, const PatternBounds& most, std::size_t taken);

  // "none" says nothing when another name stands beside it.
  void complain_about_none(std::string_view name, const std::vector<std::string_view>& members);

  // The members of a comma list that are among `choices`, sorted, each once; none of them for "none". What
  // else stands there is skipped and told: `known` are those that a message names, and `without` is what it
  // says when nothing else stands there. None: as list().
  template <typename Value, std::size_t Size>
  std::optional<std::vector<Value>> choices(std::string_view name,
                                            const std::array<Choice<Value>, Size>& choices,
                                            std::string_view known, std::string_view without) {
    const std::optional<std::vector<std::string_view>> members = list(name);
    if (!members) return std::nullopt;
    std::vector<Value> values;
    for (const std::string_view member : *members) {
      const auto chosen = std::find_if(choices.begin(), choices.end(),
                                       [&](const auto& one) { return same_word(member, one.text); });
      if (chosen != choices.end()) {
        values.push_back(chosen->value);
      } else if (!same_word(member, "none")) {
        complain(name, quoted(member) + " is not supported; known are " + std::string{known} +
                           " and none; it is skipped" +
                           (members->size() == 1 ? ", so " + std::string{without} : ""));
      }
    }
    complain_about_none(name, *members);
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
  }

  // `remark` goes into the message when the value is none of `choices`: " (files are not supported yet)".
  template <typename Value, std::size_t Size>
  Value choice(std::string_view name, const std::array<Choice<Value>, Size>& choices, Value fallback,
               std::string_view remark = {}) {
    const std::optional<std::string_view> value = text(name);
    if (!value) return fallback;
    std::string known;
    for (const auto& [choice_text, choice_value] : choices) {
      if (same_word(choice_text, *value)) return choice_value;
      known += (known.empty() ? "" : ", ") + std::string{choice_text};
    }
    complain(name,
             quoted(*value) + " is not one of " + known + std::string{remark} + "; " + default_is_used(name));
    return fallback;
  }

  // "10000 is used", for the end of a message.
  static std::string default_is_used(std::string_view name);

 private:
  const Environment& environment_;
  std::vector<Problem> problems_;
};

}  // namespace waybill::configure::internal
