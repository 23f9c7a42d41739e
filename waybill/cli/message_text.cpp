#include <string>
#include <string_view>
#include <vector>

#include "waybill/cli/answer_text.h"
#include "waybill/cli/answer_values.h"
#include "waybill/cli/text_layout.h"

namespace waybill::cli {
namespace {

constexpr std::size_t kLabelColumns = 12;

// Texts below one another, behind a label.
std::string labelled(const std::string& label, const std::vector<std::string>& texts, const Screen& screen) {
  std::string lines;
  for (const std::string& text : texts) {
    if (text.empty()) continue;
    lines += wrapped(padded(lines.empty() ? label : "", kLabelColumns), text, screen);
  }
  return lines;
}

std::string behind(const std::string& text, const std::string& before) {
  return text.empty() ? text : before + text;
}

// "one, two": without those that are empty.
std::string joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& part : parts) all += behind(part, all.empty() ? "" : ", ");
  return all;
}

std::string error_of(const Json& what) {
  const std::string error = text_at(what, "error");
  const std::string said = text_at(what, "error_text");
  return error.empty() ? said : error + behind(said, ": ");
}

// ── Its producer ──

std::string acks_of(const Json& produced) {
  const auto acks = number_at(produced, "acks");
  if (!acks) return {};
  return "acks=" + (*acks < 0 ? "all" : whole_of(acks));
}

std::string times_of_send(const Json& produced) {
  const auto queue = number_at(produced, "queue_ms");
  const auto broker = number_at(produced, "broker_ms");
  const std::string server = text_at(produced, "broker");
  std::string parts;
  if (queue) parts = duration_of(queue) + " in the client's queue";
  if (broker)
    parts += (parts.empty() ? "" : ", ") + duration_of(broker) + " until the broker" + behind(server, " ") +
             " answered";
  if (!broker && !server.empty()) parts += (parts.empty() ? "" : ", ") + ("broker " + server);
  return "took " + duration_of(number_at(produced, "duration_ms")) + behind(parts, ": ");
}

std::string persistence_of(const Json& produced) {
  const std::string persistence = words_at(produced, "persistence");
  return persistence == "unknown" ? "not known whether it persisted" : persistence;
}

std::vector<std::string> texts_of_send(const Json& produced, const Screen& screen) {
  if (!produced.is_object()) return {"no span of its send is known"};
  const std::string service = text_at(produced, "service");
  return {joined({"by " + (service.empty() ? "a service without a name" : service),
                  behind(text_at(produced, "client_id"), "client "),
                  behind(text_at(produced, "instance"), "instance ")}),
          "at " + time_of(number_at(produced, "start_ms")), times_of_send(produced),
          joined({acks_of(produced), persistence_of(produced),
                  behind(text_at(produced, "transaction"), "transaction ")}),
          screen.bad(behind(error_of(produced), "failed with "))};
}

// ── The log ──

std::string presence_of(const Json& log) {
  const std::string presence = raw_text_at(log, "presence");
  if (presence == "readable") return "the message can be read";
  if (presence == "aborted") return "the message was aborted with its transaction";
  if (presence == "not_readable") return "nothing can be read at its offset";
  if (presence == "before_start") return "the log begins behind the message";
  if (presence == "behind_end") return "the log ends before the message";
  return {};
}

std::vector<std::string> texts_of_log(const Json& log) {
  if (!log.is_object()) return {"no broker was asked"};
  return {"begins with offset " + whole_of(number_at(log, "start")) + ", and ends before " +
              whole_of(number_at(log, "end")) + ", when a broker was asked at " +
              clock_of(number_at(log, "asked_ms")),
          presence_of(log)};
}

// ── Groups ──

std::string times_of_group(const Json& group) {
  const auto waited = number_at(group, "waited_ms");
  const auto whole = number_at(group, "end_to_end_ms");
  const auto committed = number_at(group, "committed");
  return joined({waited ? duration_of(waited) + " in the log" : "",
                 whole ? duration_of(whole) + " from the send to the end of processing" : "",
                 committed ? "the group goes on from offset " + whole_of(committed) : ""});
}

std::string text_of_step(const Json& step, const Screen& screen) {
  const auto duration = number_at(step, "duration_ms");
  const std::string word = words_at(step, "step");
  const std::string error = error_of(step);
  return clock_of(number_at(step, "start_ms")) + " " + (error.empty() ? word : screen.bad(word)) +
         behind(joined({text_at(step, "service"), text_at(step, "client_id"), text_at(step, "instance")}),
                " by ") +
         (duration ? ", " + duration_of(duration) : std::string{", its end was not seen"}) +
         behind(error, ", ");
}

std::vector<std::string> texts_of_steps(const Json& group, const Screen& screen) {
  std::vector<std::string> texts;
  for (const Json& step : list_at(group, "steps")) texts.push_back(text_of_step(step, screen));
  return texts;
}

// ── Why ──

std::vector<std::string> grounds_of(const Json& verdict) {
  std::vector<std::string> texts;
  for (const Json& ground : list_at(verdict, "evidence")) texts.push_back(text_at(ground, "text"));
  return texts;
}

std::vector<std::string> missing_of(const Json& verdict) {
  std::vector<std::string> texts;
  for (const Json& text : list_at(verdict, "missing"))
    if (text.is_string()) texts.push_back(fit_for_terminal(text.get<std::string>()));
  return texts;
}

std::string text_of_reasons(const Json& verdict, const Screen& screen) {
  return labelled("  because", grounds_of(verdict), screen) +
         labelled("  missing", missing_of(verdict), screen);
}

std::string text_of_group(const Json& group, const Screen& screen) {
  const Json& verdict = value_at(group, "verdict");
  const std::string name = text_at(group, "group");
  const std::string title = screen.strong("Group " + (name.empty() ? "without a name" : name)) + "  " +
                            text_of_verdict(verdict, screen);
  return "\n" + wrapped("", title, screen) +
         labelled("", {text_at(verdict, "text"), times_of_group(group)}, screen) +
         labelled("  steps", texts_of_steps(group, screen), screen) + text_of_reasons(verdict, screen);
}

std::string text_of_groups(const Json& answer, const Screen& screen) {
  std::string text;
  for (const Json& group : list_at(answer, "groups")) text += text_of_group(group, screen);
  return text.empty() ? "\n" + labelled("Groups", {"none is known that reads the topic"}, screen) : text;
}

std::vector<std::string> names_in(const Json& messages) {
  std::vector<std::string> names;
  for (const Json& message : messages) names.push_back(name_of(message));
  return names;
}

std::string text_of_lineage(const Json& answer, const Screen& screen) {
  const std::string text = labelled("Came from", names_in(list_at(answer, "came_from")), screen) +
                           labelled("Led to", names_in(list_at(answer, "led_to")), screen);
  return text.empty() ? text : "\n" + text;
}

std::string context_of(const Json& message) {
  const std::string trace = text_at(message, "trace_id");
  return trace.empty() ? trace : "trace " + trace + ", span " + text_at(message, "span_id");
}

bool is_bad(std::string_view state) {
  for (const char* bad : {"never_sent", "aborted", "lost_by_broker", "expired", "skipped",
                          "committed_before_processing", "failed"})
    if (state == bad) return true;
  return false;
}

std::string marked_state(const std::string& words, std::string_view state, const Screen& screen) {
  if (is_bad(state)) return screen.bad(words);
  const bool is_good = state == "processed" || state == "acknowledged" || state == "received";
  return is_good ? screen.good(words) : screen.doubtful(words);
}

}  // namespace

std::string text_of_verdict(const Json& verdict, const Screen& screen) {
  const std::string state = words_at(verdict, "state");
  const std::string cause = words_at(verdict, "cause");
  const std::string confidence = text_at(verdict, "confidence");
  const std::string words = (state.empty() ? "unknown" : state) + (cause.empty() ? "" : " (" + cause + ")");
  const bool says_more = confidence == "proved" || confidence == "likely";
  return marked_state(words, raw_text_at(verdict, "state"), screen) + (says_more ? ", " + confidence : "");
}

std::string text_of_message(const Json& answer, const Screen& screen) {
  const Json& message = value_at(answer, "message");
  const Json& verdict = value_at(answer, "verdict");
  const std::string context = context_of(message);
  return wrapped("", screen.strong(name_of(message)), screen) +
         (context.empty() ? "" : wrapped("", screen.faint(context), screen)) + "\n" +
         wrapped("", text_of_verdict(verdict, screen) + behind(text_at(verdict, "text"), ": "), screen) +
         text_of_reasons(verdict, screen) + "\n" +
         labelled("Produced", texts_of_send(value_at(answer, "produced"), screen), screen) +
         labelled("Log", texts_of_log(value_at(answer, "log")), screen) + text_of_groups(answer, screen) +
         text_of_lineage(answer, screen);
}

std::string text_of_messages(const Json& messages, const Screen& screen) {
  std::string text;
  for (const Json& found : messages) {
    const std::string error = text_at(found, "error");
    text += wrapped("  ",
                    time_of(number_at(found, "time_ms")) + "  " + name_of(value_at(found, "message")) +
                        behind(text_at(found, "service"), "  ") + behind(error, "  failed with "),
                    screen);
  }
  return text;
}

}  // namespace waybill::cli
