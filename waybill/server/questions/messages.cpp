#include <cstdio>
#include <set>
#include <string>
#include <vector>

#include "waybill/server/questions/questions.h"
#include "waybill/server/questions/shapes.h"

namespace waybill::server {
namespace {

using evidence::Operation;
using evidence::Span;
using server::json_of;

// A page is filled from several searches, because a message has several spans; no more than these.
constexpr int kMostSearches = 10;
constexpr std::size_t kMostSpansOfATrace = 10'000;

// Messages are found by their sends, or, where nobody who sends is traced, by what consumed them. A cursor
// says which: "s1700000000.1.5".
std::string text_of(const store::Cursor& cursor, bool by_consumers) {
  return (by_consumers ? 'c' : 's') + std::to_string(cursor.start_ns) + '.' + std::to_string(cursor.volume) +
         '.' + std::to_string(cursor.row);
}

// Whether it goes on with what consumed them.
bool read_cursor(Parameters& parameters, store::Cursor& cursor) {
  if (!parameters.has("cursor")) return false;
  char kind = '\0';
  long long start = 0;
  unsigned long long volume = 0;
  long long row = 0;
  char behind = '\0';
  const std::string text = parameters.text("cursor");
  // NOLINTNEXTLINE(cert-err34-c): a number that is too large finds nothing
  const int read = std::sscanf(text.c_str(), "%c%lld.%llu.%lld%c", &kind, &start, &volume, &row, &behind);
  if (read != 4 || (kind != 's' && kind != 'c')) parameters.complain("cursor", "`next` of the page before");
  cursor = {start, volume, row};
  return kind == 'c';
}

store::SpanQuery query_of(Parameters& parameters) {
  store::SpanQuery query;
  query.window = parameters.window();
  query.place.topic = parameters.text("topic");
  query.place.partition = parameters.partition("partition");
  query.place.offset = parameters.integer("offset").value_or(-1);
  query.key = parameters.text("key");
  query.has_key = parameters.has("key");
  query.service = parameters.text("service");
  query.only_failed = parameters.flag("error");
  return query;
}

// What a span is a sighting of. A batch is none of one message.
bool is_of_one_message(const Span& span) {
  return span.messages == 1 && span.links.size() <= 1 && !span.place.topic.empty();
}

bool is_send(const Span& span) {
  return span.operation == Operation::kSend || span.operation == Operation::kCreate;
}

std::string identity_of(const Span& span) {
  const analysis::MessageName name = name_of(span);
  if (name.context.valid()) return json_of(name.context).dump();
  return span.place.topic + '/' + std::to_string(span.place.partition) + '@' +
         std::to_string(span.place.offset);
}

Json json_of(const Span& span) {
  return {{"message", json_of(name_of(span))},
          {"time_ms", ms_of(span.start_ns)},
          {"service", span.service},
          {"duration_ms", evidence::duration_ms(span)},
          {"error", text_or_null(span.failed && span.error_type.empty() ? "_OTHER" : span.error_type)}};
}

// One page.
class Page {
 public:
  explicit Page(std::size_t wanted) : wanted_{wanted} {}

  std::size_t is_missing() const { return wanted_ - messages_.size(); }
  void take(const Span& span) {
    if (is_of_one_message(span) && seen_.insert(identity_of(span)).second) messages_.push_back(json_of(span));
  }
  const Json& messages() const { return messages_; }

 private:
  std::size_t wanted_;
  Json messages_ = Json::array();
  std::set<std::string> seen_;
};

Answer answer_of_trace(const Sources& sources, const context::TraceId& trace, Page& page) {
  const auto spans = sources.store.spans_of(trace, kMostSpansOfATrace);
  if (!spans) return refuse(503, spans.error().message);
  for (const Span& span : *spans)
    if (is_send(span) && page.is_missing() > 0) page.take(span);
  return ok({{"messages", page.messages()}, {"next", nullptr}});
}

// Where the next page begins; null: there is none.
Expected<Json> fill(const Sources& sources, store::SpanQuery query, bool by_consumers, Page& page) {
  query.operations = by_consumers ? std::vector{Operation::kProcess, Operation::kReceive}
                                  : std::vector{Operation::kSend, Operation::kCreate};
  for (int search = 0; search < kMostSearches; ++search) {
    query.most = page.is_missing();
    const auto found = sources.store.search(query);
    if (!found) return found.error();
    for (const Span& span : found->spans) page.take(span);
    if (found->spans.size() < query.most) return Json(nullptr);
    query.before = found->next;
    if (page.is_missing() == 0) break;
  }
  return Json(text_of(query.before, by_consumers));
}

}  // namespace

Answer answer_messages(const Sources& sources, Parameters& parameters) {
  store::SpanQuery query = query_of(parameters);
  const bool by_consumers = read_cursor(parameters, query.before);
  Page page{parameters.count("limit", 100, 1'000)};
  const context::TraceId trace = parameters.trace_id("trace");
  if (!parameters.what_is_wrong().empty()) return refuse(400, parameters.what_is_wrong());
  if (trace.valid()) return answer_of_trace(sources, trace, page);
  Expected<Json> next = fill(sources, query, by_consumers, page);
  const bool is_nothing_sent =
      next && page.messages().empty() && !parameters.has("cursor") && !query.only_failed;
  if (is_nothing_sent) next = fill(sources, query, true, page);
  if (!next) return refuse(503, next.error().message);
  return ok({{"messages", page.messages()}, {"next", *next}});
}

}  // namespace waybill::server
