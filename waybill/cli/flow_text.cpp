#include <array>
#include <string>

#include "waybill/cli/answer_text.h"
#include "waybill/cli/answer_values.h"
#include "waybill/cli/text_layout.h"

namespace waybill::cli {
namespace {

struct Part {
  const char* name;
  const char* words;
};

constexpr std::array<Part, 4> kParts{{{"client_queue_ms", "client queue"},
                                      {"broker_ms", "broker"},
                                      {"log_ms", "log"},
                                      {"processing_ms", "processing"}}};

std::string errors_of(const Json& edge) {
  const auto errors = number_at(edge, "errors");
  return errors && *errors == 0 ? "" : count_of(errors);
}

// Where the time goes, if it goes to several places.
std::string parts_of(const Json& edge) {
  std::string text;
  int known = 0;
  for (const Part& part : kParts) {
    const auto mean = number_at(value_at(edge, "parts"), part.name);
    if (!mean) continue;
    text += (text.empty() ? "" : ", ") + (part.words + (" " + duration_of(mean)));
    ++known;
  }
  return known > 1 ? "mean: " + text : "";
}

std::string text_of_edges(const Json& edges, const Screen& screen) {
  Table table{{{"from", false, true},
               {"to", false, true},
               {"per s", true},
               {"errors", true},
               {"p50", true},
               {"p95", true},
               {"p99", true}}};
  for (const Json& edge : edges) {
    const Json& latency = value_at(edge, "latency");
    table.add({text_at(edge, "from"), text_at(edge, "to"), rate_of(number_at(edge, "per_s")), errors_of(edge),
               duration_of(number_at(latency, "p50_ms")), duration_of(number_at(latency, "p95_ms")),
               duration_of(number_at(latency, "p99_ms"))});
    table.add_note(parts_of(edge));
  }
  return table.text(screen);
}

std::string text_of_bottleneck(const Json& bottleneck, const Screen& screen) {
  if (!bottleneck.is_object()) return {};
  return "\n" + wrapped(screen.strong("Bottleneck") + "  ",
                        text_at(bottleneck, "node") + ": " + text_at(bottleneck, "text"), screen);
}

std::string text_of_waiting(const Json& waiting) {
  const auto wait = number_at(waiting, "wait_ms");
  const auto messages = number_at(waiting, "messages");
  return text_at(waiting, "node") + " waits" + (wait ? " " + duration_of(wait) : "") +
         (messages ? ", " + count_of(messages) + (count_of(messages) == "1" ? " message" : " messages") : "");
}

std::string text_of_impact(const Json& impacts, const Screen& screen) {
  std::string text;
  for (const Json& impact : impacts) {
    const std::string state = words_at(impact, "state");
    text += wrapped("  ",
                    text_at(impact, "node") + ", " +
                        (state == "slow" ? screen.doubtful(state) : screen.bad(state)) + ": " +
                        text_at(impact, "text"),
                    screen);
    for (const Json& waiting : list_at(impact, "waiting"))
      text += wrapped("    ", text_of_waiting(waiting), screen);
  }
  return text.empty() ? text : "\n" + screen.strong("Who waits") + "\n" + text;
}

}  // namespace

std::string text_of_flow(const Json& answer, const Screen& screen) {
  const Json& edges = list_at(answer, "edges");
  const std::string window = window_of(answer);
  if (edges.empty()) return wrapped("", "Nothing tells of messages, " + window, screen);
  return wrapped("", screen.faint(window + ", from " + text_at(answer, "source")), screen) +
         text_of_edges(edges, screen) + text_of_bottleneck(value_at(answer, "bottleneck"), screen) +
         text_of_impact(list_at(answer, "impact"), screen);
}

}  // namespace waybill::cli
