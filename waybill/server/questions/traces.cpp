#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "waybill/otlp/span_json.h"
#include "waybill/server/questions/questions.h"
#include "waybill/server/questions/shapes.h"

namespace waybill::server {
namespace {

using evidence::Span;

constexpr std::size_t kMostSpansOfATrace = 2'000;
constexpr std::size_t kSpansOfASearch = 2'000;
constexpr int kMostSearches = 10;

struct Wanted {
  double min_ms = 0;
  std::size_t traces = 0;
};

Json summary_of(const std::vector<Span>& spans) {
  const auto by_start = [](const Span& one, const Span& other) { return one.start_ns < other.start_ns; };
  const Span& root = *std::min_element(spans.begin(), spans.end(), by_start);
  std::set<std::string> services;
  std::set<std::string> topics;
  std::int64_t end_ns = root.end_ns;
  std::size_t errors = 0;
  for (const Span& span : spans) {
    end_ns = std::max(end_ns, span.end_ns);
    services.insert(span.service);
    if (!span.place.topic.empty()) topics.insert(span.place.topic);
    errors += span.failed ? 1 : 0;
  }
  return {{"trace_id", otlp::digits_of(root.trace_id)},
          {"root", root.name},
          {"services", services},
          {"topics", topics},
          {"start_ms", ms_of(root.start_ns)},
          {"duration_ms", ms_of(end_ns - root.start_ns)},
          {"spans", spans.size()},
          {"errors", errors}};
}

// Adds the traces of these spans that are long enough. The error is that of the store.
Expected<void> add(const Sources& sources, const std::vector<Span>& spans, const Wanted& wanted,
                   std::set<std::string>& seen, Json& traces) {
  for (const Span& span : spans) {
    if (traces.size() >= wanted.traces) break;
    if (!seen.insert(otlp::digits_of(span.trace_id)).second) continue;
    const auto whole = sources.store.spans_of(span.trace_id, kMostSpansOfATrace);
    if (!whole) return whole.error();
    if (whole->empty()) continue;  // it was too old meanwhile
    Json summary = summary_of(*whole);
    if (summary["duration_ms"].get<double>() >= wanted.min_ms) traces.push_back(std::move(summary));
  }
  return {};
}

}  // namespace

Answer answer_traces(const Sources& sources, Parameters& parameters) {
  store::SpanQuery query;
  query.window = parameters.window();
  query.place.topic = parameters.text("topic");
  query.service = parameters.text("service");
  query.only_failed = parameters.flag("error");
  query.most = kSpansOfASearch;
  const Wanted wanted{parameters.number("min_ms").value_or(0), parameters.count("limit", 50, 500)};
  if (!parameters.what_is_wrong().empty()) return refuse(400, parameters.what_is_wrong());
  Json traces = Json::array();
  std::set<std::string> seen;
  for (int search = 0; search < kMostSearches && traces.size() < wanted.traces; ++search) {
    const auto found = sources.store.search(query);
    if (!found) return refuse(503, found.error().message);
    if (const auto added = add(sources, found->spans, wanted, seen, traces); !added)
      return refuse(503, added.error().message);
    if (found->spans.size() < query.most) break;
    query.before = found->next;
  }
  return ok({{"traces", traces}});
}

}  // namespace waybill::server
