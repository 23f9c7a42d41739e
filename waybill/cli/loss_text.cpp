#include <algorithm>
#include <string>
#include <vector>

#include "waybill/cli/answer_text.h"
#include "waybill/cli/answer_values.h"
#include "waybill/cli/text_layout.h"

namespace waybill::cli {
namespace {

constexpr std::size_t kMostNamed = 50;

struct Entry {
  const char* name;
  const char* words;
};

// "990 acknowledged = 980 processed + 10 pending". What may be not known counts as 0, and is left out then.
std::string balance_of(const Json& books, const Entry& whole, const std::vector<Entry>& parts) {
  std::string text = count_of(number_at(books, whole.name)) + " " + whole.words;
  const char* sign = " = ";
  for (const Entry& part : parts) {
    const auto count = number_at(books, part.name);
    if (!count) continue;
    text += sign + count_of(count) + " " + part.words;
    sign = " + ";
  }
  return text;
}

std::string errors_of(const Json& produced) {
  std::string text;
  for (const Json& error : list_at(produced, "errors"))
    text +=
        (text.empty() ? "" : ", ") + (count_of(number_at(error, "messages")) + " " + text_at(error, "error"));
  return text;
}

// What of the processed ones was not as it should be.
std::string flaws_of(const Json& group) {
  std::string text;
  for (const char* flaw : {"failed", "duplicated"}) {
    const auto count = number_at(group, flaw);
    if (count && *count > 0) text += (text.empty() ? "" : ", ") + (count_of(count) + " " + flaw);
  }
  return text.empty() ? text : "of the processed ones: " + text;
}

std::string text_of_produced(const Json& produced, std::size_t label, const Screen& screen) {
  static const std::vector<Entry> parts{{"rejected", "rejected"},
                                        {"acknowledged", "acknowledged"},
                                        {"failed", "failed"},
                                        {"possibly_persisted", "possibly persisted"},
                                        {"in_flight", "in flight"}};
  const std::string errors = errors_of(produced);
  return wrapped(padded("  sent", label), balance_of(produced, {"attempted", "attempted"}, parts), screen) +
         (errors.empty() ? errors : wrapped(std::string(label, ' '), "errors: " + errors, screen));
}

std::string text_of_group(const Json& group, std::size_t label, const Screen& screen) {
  static const std::vector<Entry> parts{{"processed", "processed"},
                                        {"pending", "pending"},
                                        {"skipped", "skipped"},
                                        {"lost", "lost"},
                                        {"unknown", "unknown"}};
  const std::string flaws = flaws_of(group);
  const std::string name = shortened("  " + text_at(group, "group"), label - 2);
  return wrapped(padded(name, label), balance_of(group, {"acknowledged", "acknowledged"}, parts), screen) +
         (flaws.empty() ? flaws : wrapped(std::string(label, ' '), flaws, screen));
}

std::string text_of_topic(const Json& topic, const Screen& screen) {
  const Json& groups = list_at(topic, "groups");
  std::size_t label = columns_of("  sent") + 2;
  for (const Json& group : groups) label = std::max(label, columns_of(text_at(group, "group")) + 4);
  label = std::min(label, screen.width() / 3);
  std::string text = "\n" + wrapped("", screen.strong("Topic " + text_at(topic, "topic")), screen) +
                     text_of_produced(value_at(topic, "produced"), label, screen);
  for (const Json& group : groups) text += text_of_group(group, label, screen);
  return text;
}

std::string text_of_loss_of_one(const Json& named, const Screen& screen) {
  const std::string group = text_at(named, "group");
  const std::string service = text_at(named, "service");
  const auto last = number_at(named, "last_offset");
  const auto first = number_at(value_at(named, "message"), "offset");
  const bool is_run = last && first && *last > *first;
  const Json& verdict = value_at(named, "verdict");
  return wrapped("  ",
                 time_of(number_at(named, "time_ms")) + "  " + place_of(value_at(named, "message")) +
                     (is_run ? " to " + whole_of(last) : "") + (group.empty() ? "" : "  group " + group) +
                     (service.empty() ? "" : "  " + service),
                 screen) +
         wrapped("    ", text_of_verdict(verdict, screen) + ": " + text_at(verdict, "text"), screen);
}

std::string text_of_named(const Json& named, const Screen& screen) {
  if (named.empty()) return {};
  std::string text = "\n" + screen.strong("By name") + "\n";
  for (std::size_t at = 0; at < std::min(named.size(), kMostNamed); ++at)
    text += text_of_loss_of_one(named[at], screen);
  if (named.size() > kMostNamed)
    text +=
        "  and " + count_of(static_cast<double>(named.size() - kMostNamed)) + " more; --json has them all\n";
  return text;
}

std::string text_of_reasons(const Json& reasons, const Screen& screen) {
  std::string text;
  for (const Json& reason : reasons)
    if (reason.is_string()) text += wrapped("  ", fit_for_terminal(reason.get<std::string>()), screen);
  return text.empty() ? text : "\n" + screen.strong("Why some are unknown") + "\n" + text;
}

}  // namespace

std::string text_of_loss(const Json& answer, const Screen& screen) {
  const Json& topics = list_at(answer, "topics");
  const Json& named = list_at(answer, "named");
  const std::string window = window_of(answer);
  if (topics.empty() && named.empty()) return wrapped("", "Nothing tells of messages, " + window, screen);
  std::string text = wrapped("", screen.faint(window + ", from " + text_at(answer, "source")), screen);
  for (const Json& topic : topics) text += text_of_topic(topic, screen);
  return text + text_of_named(named, screen) +
         text_of_reasons(list_at(answer, "reasons_for_unknown"), screen);
}

}  // namespace waybill::cli
