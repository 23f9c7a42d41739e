#include "waybill/cli/explain_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <vector>

#include "waybill/cli/answer_text.h"
#include "waybill/cli/answer_values.h"
#include "waybill/cli/exit_code.h"
#include "waybill/cli/hex_digits.h"
#include "waybill/cli/text_layout.h"

namespace waybill::cli {
namespace {

constexpr const char* kCommand = "explain";
constexpr const char* kMostFound = "20";

constexpr const char* kExamples =
    "\nExamples:\n"
    "  waybill explain orders/3@1234\n"
    "  waybill explain --trace 4bf92f3577b34da6a3ce929d0e0e4736\n"
    "  waybill explain --topic orders --key customer-17 --last 1d\n"
    "  waybill explain orders/3@1234 --server https://waybill.example:4318 --json\n\n"
    "Exit code: 0 answered, 1 the server is not reachable or refuses, 2 the command line is not understood,\n"
    "3 nothing is known of the message.\n";

Error usage(const std::string& message) { return {Error::Code::kUsage, message}; }

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

Expected<Question> question_of_place(const std::string& place) {
  const std::size_t at = place.rfind('@');
  const std::size_t slash = place.rfind('/', at);
  if (at == std::string::npos || slash == std::string::npos || slash == 0 ||
      !is_number(place.substr(slash + 1, at - slash - 1)) || !is_number(place.substr(at + 1)))
    return usage("a message is named TOPIC/PARTITION@OFFSET, as orders/3@1234, not \"" +
                 fit_for_terminal(place) + '"');
  return Question{"/message",
                  {{"topic", place.substr(0, slash)},
                   {"partition", place.substr(slash + 1, at - slash - 1)},
                   {"offset", place.substr(at + 1)}}};
}

// Each message that a search found has names enough to ask for it, or is left out.
std::optional<Question> question_of(const Json& message) {
  Question question{"/message", {}};
  const std::string topic = raw_text_at(message, "topic");
  const bool has_place = !topic.empty() && number_at(message, "partition") && number_at(message, "offset");
  if (has_place) {
    question.parameters = {{"topic", topic},
                           {"partition", whole_of(number_at(message, "partition"))},
                           {"offset", whole_of(number_at(message, "offset"))}};
  }
  const std::string trace = raw_text_at(message, "trace_id");
  const std::string span = raw_text_at(message, "span_id");
  const bool has_context = !trace.empty() && !span.empty();
  if (has_context) question.parameters.insert(question.parameters.end(), {{"trace", trace}, {"span", span}});
  return has_place || has_context ? std::optional(question) : std::nullopt;
}

Expected<Question> search_of(const ExplainOptions& options) {
  Question question{"/messages", {{"limit", kMostFound}}};
  if (!options.trace.empty()) {
    question.add("trace", options.trace);
    return question;
  }
  question.add("topic", options.topic);
  if (options.key) question.add("key", *options.key);
  const Expected<void> added = add_window(question, options.window);
  if (!added) return added.error();
  return question;
}

std::string what_is_searched(const ExplainOptions& options) {
  if (!options.trace.empty()) return "trace " + options.trace;
  const std::string topic = "topic " + fit_for_terminal(options.topic);
  return options.key ? topic + " with key \"" + fit_for_terminal(*options.key) + '"' : topic;
}

Error nothing_found(const ExplainOptions& options) {
  const std::string advice = !options.trace.empty()      ? ". `waybill trace` shows the trace"
                             : options.window.is_given() ? " in this time"
                                                         : " in the last hour; --last 1d looks further back";
  return {Error::Code::kNotFound, "no message is known of " + what_is_searched(options) + advice};
}

// Newest first, and only those that can be asked for.
Json found_in(const Answer& answer) {
  std::vector<Json> found;
  for (const Json& message : list_at(answer.json, "messages"))
    if (question_of(value_at(message, "message"))) found.push_back(message);
  std::stable_sort(found.begin(), found.end(), [](const Json& left, const Json& right) {
    return number_at(left, "time_ms").value_or(0) > number_at(right, "time_ms").value_or(0);
  });
  return found;
}

// Says that there were several. JSON on stdout is of one message, so there it is said on stderr.
void tell_of_several(const ExplainOptions& options, const Json& found, bool is_more) {
  const Screen screen = Screen::of_stdout();
  std::string text = std::to_string(found.size()) + (is_more ? " messages and more" : " messages") + " of " +
                     what_is_searched(options) + ", newest first. The newest is explained.";
  text = wrapped("", text, screen) + text_of_messages(found, screen) + "\n";
  std::fputs(text.c_str(), options.ask.json ? stderr : stdout);
}

int explain_what_is_found(const ExplainOptions& options) {
  const Expected<Question> search = search_of(options);
  if (!search) return fail(kCommand, search.error());
  const Expected<Answer> answer = ask(options.ask, *search);
  if (!answer) return fail(kCommand, answer.error());
  const Json found = found_in(*answer);
  if (found.empty()) return fail(kCommand, nothing_found(options));
  if (found.size() > 1) tell_of_several(options, found, value_at(answer->json, "next").is_string());
  return print(kCommand, options.ask, ask(options.ask, *question_of(value_at(found.front(), "message"))),
               text_of_message);
}

Expected<void> check(const ExplainOptions& options) {
  const int ways =
      (options.place.empty() ? 0 : 1) + (options.trace.empty() ? 0 : 1) + (options.topic.empty() ? 0 : 1);
  if (ways != 1)
    return usage(
        "a message is named in one way: TOPIC/PARTITION@OFFSET, --trace ID, or --topic TOPIC --key KEY");
  if (!options.span.empty() && options.trace.empty()) return usage("--span goes with --trace");
  if (options.key && options.topic.empty()) return usage("--key goes with --topic");
  if (options.window.is_given() && options.topic.empty())
    return usage("--from, --to and --last are for a search: they go with --topic");
  return {};
}

}  // namespace

CLI::App* describe_explain_command(CLI::App& app, ExplainOptions& options) {
  CLI::App* command = app.add_subcommand(
      "explain", "Say what became of a message, and for whom, as `waybill server` knows it");
  command->add_option("MESSAGE", options.place, "TOPIC/PARTITION@OFFSET, as orders/3@1234");
  command
      ->add_option("--trace", options.trace, "The message that was sent in this trace; of several the newest")
      ->type_name("ID")
      ->check(hex_digits(32));
  command->add_option("--span", options.span, "With --trace: the message that this span sent")
      ->type_name("ID")
      ->check(hex_digits(16));
  command->add_option("--topic", options.topic, "The newest message of this topic")->type_name("TOPIC");
  command->add_option("--key", options.key, "With --topic: the newest with this key")->type_name("KEY");
  describe_window(*command, options.window);
  describe_asking(*command, options.ask);
  command->footer(kExamples);
  return command;
}

int explain_command(const ExplainOptions& options) {
  if (const Expected<void> checked = check(options); !checked) return fail(kCommand, checked.error());
  if (options.place.empty() && options.span.empty()) return explain_what_is_found(options);
  const Expected<Question> question =
      options.place.empty() ? Question{"/message", {{"trace", options.trace}, {"span", options.span}}}
                            : question_of_place(options.place);
  if (!question) return fail(kCommand, question.error());
  return print(kCommand, options.ask, ask(options.ask, *question), text_of_message);
}

}  // namespace waybill::cli
