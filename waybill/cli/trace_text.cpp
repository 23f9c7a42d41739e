#include <algorithm>
#include <cmath>
#include <string>

#include "waybill/cli/answer_text.h"
#include "waybill/cli/answer_values.h"
#include "waybill/cli/text_layout.h"

namespace waybill::cli {
namespace {

constexpr std::size_t kTimeColumns = 11;
constexpr std::size_t kDeepest = 8;  // below this the tree grows to the right no more
constexpr std::size_t kMostLinks = 5;

// Where a span stands in time, of the whole that the trace takes.
struct Place {
  double start_ms = 0;  // since the begin of the trace
  double duration_ms = 0;
};

class Timeline {
 public:
  Timeline(const Json& answer, const Screen& screen)
      : answer_{answer},
        screen_{screen},
        start_ms_{number_at(answer, "start_ms").value_or(0)},
        duration_ms_{std::max(number_at(answer, "duration_ms").value_or(0), 1e-6)},
        bar_columns_{screen.width() / 4},
        name_columns_{screen.width() - bar_columns_ - 2 * kTimeColumns - 1} {}

  std::string text() const {
    std::string text = screen_.strong(padded("span", name_columns_) + padded_left("begins", kTimeColumns) +
                                      padded_left("takes", kTimeColumns)) +
                       "\n";
    for (const Json& span : list_at(answer_, "spans")) text += line(span) + notes(span);
    return text;
  }

 private:
  Place place_of_span(const Json& span) const {
    return {number_at(span, "start_ms").value_or(start_ms_) - start_ms_,
            number_at(span, "duration_ms").value_or(0)};
  }

  static std::string indent_of(const Json& span) {
    const double depth = number_at(span, "depth").value_or(0);
    return std::string(2 * static_cast<std::size_t>(std::clamp(depth, 0.0, double{kDeepest})), ' ');
  }

  std::string line(const Json& span) const {
    const Place place = place_of_span(span);
    const std::string service = text_at(span, "service");
    const std::string name = shortened(
        indent_of(span) + text_at(span, "name") + (service.empty() ? "" : " · " + service), name_columns_);
    return padded(name, name_columns_) + padded_left(duration_of(place.start_ms), kTimeColumns) +
           padded_left(duration_of(place.duration_ms), kTimeColumns) + " " +
           bar(place, !text_at(span, "error").empty()) + "\n";
  }

  // Each span has a mark, however short it is, and none stands outside the columns, whatever its clock said.
  std::string bar(const Place& place, bool is_failed) const {
    const auto column_of = [&](double ms) {
      const double column = std::floor(ms / duration_ms_ * static_cast<double>(bar_columns_));
      return static_cast<std::size_t>(std::clamp(column, 0.0, static_cast<double>(bar_columns_ - 1)));
    };
    const std::size_t first = column_of(place.start_ms);
    const std::size_t last = std::max(first, column_of(place.start_ms + place.duration_ms - 1e-9));
    std::string marks;
    for (std::size_t column = first; column <= last; ++column) marks += "█";
    return std::string(first, ' ') + (is_failed ? screen_.bad(marks) : marks);
  }

  std::string notes(const Json& span) const {
    const std::string indent = indent_of(span) + "    ";
    const Json& message = value_at(span, "message");
    std::string text;
    if (number_at(message, "offset")) text += note(indent, place_of(message));
    if (const std::string error = text_at(span, "error"); !error.empty())
      text += wrapped(indent, screen_.bad("failed with " + error), screen_);
    for (const Json& record : list_at(span, "logs"))
      if (const std::string said = text_at(record, "text"); !said.empty()) text += note(indent, said);
    return text + links(indent + "← ", list_at(span, "links")) +
           links(indent + "→ ", list_at(span, "linked_by"));
  }

  std::string note(const std::string& indent, const std::string& text) const {
    return wrapped(indent, screen_.faint(text), screen_);
  }

  std::string links(const std::string& arrow, const Json& links) const {
    std::string text;
    for (std::size_t at = 0; at < std::min(links.size(), kMostLinks); ++at)
      text += note(arrow, text_of_link(links[at]));
    if (links.size() > kMostLinks)
      text += note(arrow, count_of(static_cast<double>(links.size() - kMostLinks)) + " more");
    return text;
  }

  std::string text_of_link(const Json& link) const {
    const std::string trace = text_at(link, "trace_id");
    const std::string of_trace = trace == text_at(answer_, "trace_id") ? "" : " of trace " + trace;
    const std::string name = text_at(link, "name");
    if (name.empty()) return "span " + text_at(link, "span_id") + of_trace + ", which nobody has seen";
    return name + " · " + text_at(link, "service") + (of_trace.empty() ? "" : "," + of_trace);
  }

  const Json& answer_;
  const Screen& screen_;
  double start_ms_;
  double duration_ms_;
  std::size_t bar_columns_;
  std::size_t name_columns_;
};

std::string text_of_path(const Json& path, const Screen& screen) {
  if (path.empty()) return {};
  const auto length = [](const Json& segment) {
    return number_at(segment, "to_ms").value_or(0) - number_at(segment, "from_ms").value_or(0);
  };
  double whole = 0;
  for (const Json& segment : path) whole += length(segment);
  Table table{{{"part"}, {"takes", true}, {"share", true}, {"where", false, true}}};
  for (const Json& segment : path) {
    const double share = whole > 0 ? std::round(100 * length(segment) / whole) : 0;
    table.add({words_at(segment, "part"), duration_of(length(segment)), whole_of(share) + " %",
               text_at(segment, "text")});
  }
  return "\n" + screen.strong("Critical path, " + duration_of(whole)) + "\n" + table.text(screen);
}

std::string text_of_missing(const Json& answer, const Screen& screen) {
  std::string text;
  for (const Json& missing : list_at(answer, "missing"))
    if (missing.is_string()) text += wrapped("  ", fit_for_terminal(missing.get<std::string>()), screen);
  if (is_true_at(answer, "is_cut")) text += wrapped("  ", "the trace has more spans than these", screen);
  return text.empty() ? text : "\n" + screen.strong("Missing") + "\n" + text;
}

}  // namespace

std::string text_of_trace(const Json& answer, const Screen& screen) {
  const std::size_t spans = list_at(answer, "spans").size();
  const std::string services = texts_at(answer, "services");
  return wrapped("", screen.strong("Trace " + text_at(answer, "trace_id")), screen) +
         wrapped("",
                 time_of(number_at(answer, "start_ms")) + ", " +
                     duration_of(number_at(answer, "duration_ms")) + ", " + std::to_string(spans) +
                     (spans == 1 ? " span" : " spans") + (services.empty() ? "" : " of " + services),
                 screen) +
         "\n" + Timeline{answer, screen}.text() + text_of_path(list_at(answer, "critical_path"), screen) +
         text_of_missing(answer, screen);
}

}  // namespace waybill::cli
