#include <string>

#include "waybill/cli/answer_text.h"
#include "waybill/cli/answer_values.h"
#include "waybill/cli/text_layout.h"

namespace waybill::cli {
namespace {

bool needs_no_word(const std::string& state) {
  return state == "up_to_date" || state == "idle" || state == "keeping_up";
}

std::string lag_of(const Json& group) {
  return (is_true_at(group, "is_lower_bound") ? "≥ " : "") + count_of(number_at(group, "lag"));
}

std::string age_of(const Json& group) {
  const auto age = number_at(group, "lag_time_ms");
  return (age && is_true_at(group, "is_lower_bound") ? "≥ " : "") + duration_of(age);
}

std::string trend_of(const Json& group) {
  const auto trend = number_at(group, "trend_per_s");
  const std::string rate = rate_of(trend);
  return trend && *trend > 0 && rate != "0" ? "+" + rate : rate;
}

std::string marked_state(const Json& group, const Screen& screen) {
  const std::string state = raw_text_at(group, "state");
  const std::string words = words_at(group, "state");
  if (needs_no_word(state)) return screen.good(words);
  return state == "stopped" || state == "falling_behind" ? screen.bad(words) : screen.doubtful(words);
}

void add_row(Table& table, const Json& group, const Screen& screen) {
  table.add({text_at(group, "group"), text_at(group, "topic"), lag_of(group), age_of(group), trend_of(group),
             rate_of(number_at(group, "arriving_per_s")), rate_of(number_at(group, "processing_per_s")),
             marked_state(group, screen)});
  const std::string advice = text_at(group, "advice");
  if (!needs_no_word(raw_text_at(group, "state"))) table.add_note(text_at(group, "text"));
  if (!advice.empty()) table.add_note("Advice: " + advice);
}

}  // namespace

std::string text_of_lag(const Json& answer, const Screen& screen) {
  const Json& groups = list_at(answer, "groups");
  const std::string window = window_of(answer);
  if (groups.empty()) return wrapped("", "Nothing tells of a group's lag, " + window, screen);
  Table table{{{"group", false, true},
               {"topic", false, true},
               {"lag", true},
               {"oldest", true},
               {"trend/s", true},
               {"in/s", true},
               {"out/s", true},
               {"state"}}};
  for (const Json& group : groups) add_row(table, group, screen);
  return screen.faint(window) + "\n" + table.text(screen);
}

}  // namespace waybill::cli
