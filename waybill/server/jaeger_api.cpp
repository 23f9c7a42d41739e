#include "waybill/server/jaeger_api.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "waybill/otlp/span_json.h"
#include "waybill/server/consumption.h"
#include "waybill/server/questions/shapes.h"

namespace waybill::server {
namespace {

using evidence::Span;
using server::name_of;

constexpr std::size_t kMostNames = 1'000;
constexpr std::size_t kMostSpans = 10'000;
constexpr std::size_t kSpansOfASearch = 2'000;
constexpr std::int64_t kHour = 3'600'000'000'000;

// As Jaeger wraps every answer.
Answer wrap(Json list, int status = 200) {
  const std::size_t total = list.size();
  Answer answer =
      ok({{"data", std::move(list)}, {"total", total}, {"limit", 0}, {"offset", 0}, {"errors", nullptr}});
  answer.status = status;
  return answer;
}

Answer failure(int status, const std::string& why) {
  return {status, "application/json",
          text_of({{"data", nullptr}, {"errors", {{{"code", status}, {"msg", why}}}}})};
}

Json tag(const std::string& key, const Json& value) {
  if (value.is_boolean()) return {{"key", key}, {"type", "bool"}, {"value", value}};
  if (value.is_number_integer()) return {{"key", key}, {"type", "int64"}, {"value", value}};
  if (value.is_number()) return {{"key", key}, {"type", "float64"}, {"value", value}};
  return {{"key", key}, {"type", "string"}, {"value", value.is_string() ? value : Json(value.dump())}};
}

Json tags_of(const Json& attributes) {
  Json tags = Json::array();
  for (const auto& [key, value] : attributes.items()) tags.push_back(tag(key, value));
  return tags;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char letter) { return std::tolower(letter); });
  return text;
}

Json reference(const char* kind, const context::TraceId& trace, const context::SpanId& span) {
  return {{"refType", kind}, {"traceID", otlp::digits_of(trace)}, {"spanID", otlp::digits_of(span)}};
}

Json references_of(const Span& span) {
  Json all = Json::array();
  if (span.parent_id.valid()) all.push_back(reference("CHILD_OF", span.trace_id, span.parent_id));
  for (const evidence::Link& link : span.links)
    all.push_back(reference("FOLLOWS_FROM", link.trace_id, link.span_id));
  return all;
}

Json events_of(const Json& events) {
  Json all = Json::array();
  for (const Json& event : events) {
    Json fields = tags_of(event["attributes"]);
    fields.push_back(tag("event", event["name"]));
    all.push_back(
        {{"timestamp", static_cast<std::int64_t>(event["time_ms"].get<double>() * 1e3)}, {"fields", fields}});
  }
  return all;
}

Json json_of(const Span& span, const Json& details, const std::string& process) {
  Json tags = tags_of(details["attributes"]);
  tags.push_back(tag("span.kind", lower(name_of(span.kind))));
  if (span.failed) tags.push_back(tag("error", true));
  const std::string status = details["status_message"].get<std::string>();
  if (!status.empty()) tags.push_back(tag("otel.status_description", status));
  return {{"traceID", otlp::digits_of(span.trace_id)},
          {"spanID", otlp::digits_of(span.span_id)},
          {"operationName", span.name},
          {"references", references_of(span)},
          {"startTime", span.start_ns / 1'000},
          {"duration", (span.end_ns - span.start_ns) / 1'000},
          {"tags", tags},
          {"logs", events_of(details["events"])},
          {"processID", process},
          {"warnings", nullptr}};
}

Json json_of(const std::vector<Span>& spans) {
  Json all = Json::array();
  Json processes = Json::object();
  std::map<std::string, std::string> names;  // by resource
  for (const Span& span : spans) {
    const Json details = otlp::span_details(span);
    const auto [name, is_new] = names.try_emplace(span.resource, "p" + std::to_string(names.size() + 1));
    if (is_new)
      processes[name->second] = {{"serviceName", span.service}, {"tags", tags_of(details["resource"])}};
    all.push_back(json_of(span, details, name->second));
  }
  return {{"traceID", otlp::digits_of(spans.front().trace_id)},
          {"spans", all},
          {"processes", processes},
          {"warnings", nullptr}};
}

constexpr std::int64_t kUs = 1'000;

// At most half of the largest number: such a time can be subtracted from any other.
std::int64_t times(std::int64_t number, std::int64_t unit) {
  return std::min(number, std::numeric_limits<std::int64_t>::max() / 2 / unit) * unit;
}

// Times of Jaeger's search are microseconds.
store::Window window_of(Parameters& parameters) {
  const std::int64_t to_ns = times(parameters.integer("end").value_or(parameters.now_ns() / kUs), kUs);
  const std::int64_t from_ns = times(parameters.integer("start").value_or((to_ns - kHour) / kUs), kUs);
  return {from_ns, to_ns};
}

constexpr std::string_view kOneTrace = "/traces/";
constexpr std::string_view kServices = "/services/";
constexpr std::string_view kOperations = "/operations";

}  // namespace

Answer JaegerApi::answer(const std::string& path, Parameters::Values values) const {
  Parameters parameters{std::move(values), sources_.now_ns()};
  if (path == "/services") return services();
  if (path == "/traces") return search(parameters);
  if (path == "/dependencies") return dependencies(parameters);
  if (path == kOperations) return operations(parameters.text("service"), true);
  if (path.starts_with(kOneTrace)) return trace(path.substr(kOneTrace.size()));
  if (path.starts_with(kServices) && path.ends_with(kOperations))
    return operations(path.substr(kServices.size(), path.size() - kServices.size() - kOperations.size()),
                      false);
  return failure(404, "there is no question " + path);
}

Answer JaegerApi::services() const {
  const auto names = sources_.store.names(store::Store::NameKind::kService, "", kMostNames);
  if (!names) return failure(503, names.error().message);
  return wrap(*names);
}

// Of the newest spans of the service.
Answer JaegerApi::operations(const std::string& service, bool with_kinds) const {
  store::SpanQuery query;
  query.service = service;
  query.most = kSpansOfASearch;
  const auto found = sources_.store.search(query);
  if (!found) return failure(503, found.error().message);
  std::set<std::pair<std::string, std::string>> names;
  for (const Span& span : found->spans) names.emplace(span.name, with_kinds ? lower(name_of(span.kind)) : "");
  Json all = Json::array();
  for (const auto& [name, kind] : names)
    all.push_back(with_kinds ? Json{{"name", name}, {"spanKind", kind}} : Json(name));
  return wrap(all);
}

Answer JaegerApi::search(Parameters& parameters) const {
  store::SpanQuery query;
  query.window = window_of(parameters);
  query.service = parameters.text("service");
  query.most = kSpansOfASearch;
  const std::size_t wanted = parameters.count("limit", 20, 1'500);
  if (!parameters.what_is_wrong().empty()) return failure(400, parameters.what_is_wrong());
  const std::string operation = parameters.text("operation");
  const auto found = sources_.store.search(query);
  if (!found) return failure(503, found.error().message);
  std::set<std::string> seen;
  Json traces = Json::array();
  for (const Span& span : found->spans) {
    if (traces.size() >= wanted) break;
    if (!operation.empty() && span.name != operation) continue;
    if (!seen.insert(otlp::digits_of(span.trace_id)).second) continue;
    const auto whole = sources_.store.spans_of(span.trace_id, kMostSpans);
    if (!whole) return failure(503, whole.error().message);
    if (!whole->empty()) traces.push_back(json_of(*whole));
  }
  return wrap(traces);
}

// Jaeger takes ids that have lost their zeros on the left.
Answer JaegerApi::trace(const std::string& id) const {
  const std::string digits = std::string(32 - std::min<std::size_t>(32, id.size()), '0') + id;
  const context::TraceId trace = trace_id_of(digits);
  if (!trace.valid())
    return failure(400, "a trace is named by up to 32 hexadecimal digits, not by \"" + id + '"');
  const auto spans = sources_.store.spans_of(trace, kMostSpans);
  if (!spans) return failure(503, spans.error().message);
  if (spans->empty()) return failure(404, "trace not found");
  return wrap(Json::array({json_of(*spans)}));
}

// Who consumes what another one sent, through the topics between them.
Answer JaegerApi::dependencies(Parameters& parameters) const {
  const std::int64_t to_ns =
      parameters.integer("endTs").value_or(parameters.now_ns() / 1'000'000) * 1'000'000;
  const std::int64_t back_ns = parameters.integer("lookback").value_or(kHour / 1'000'000) * 1'000'000;
  if (!parameters.what_is_wrong().empty()) return failure(400, parameters.what_is_wrong());
  const CountedFlow flow = count_once(sources_.flow.counts({to_ns - back_ns, to_ns}));
  std::map<std::string, double> sent;  // to each topic, by all
  for (const auto& [key, counts] : flow)
    if (is_send(key)) sent[key.topic] += counts.messages;
  // Who consumes gets of each sender as much as that has sent of all.
  std::map<std::pair<std::string, std::string>, double> calls;
  for (const auto& [from, out] : flow)
    for (const auto& [to, in] : flow)
      if (is_send(from) && !is_send(to) && to.topic == from.topic && sent[from.topic] > 0)
        calls[{from.service, to.service}] += in.messages * out.messages / sent[from.topic];
  Json all = Json::array();
  for (const auto& [between, messages] : calls)
    all.push_back(
        {{"parent", between.first}, {"child", between.second}, {"callCount", std::llround(messages)}});
  return wrap(all);
}

}  // namespace waybill::server
