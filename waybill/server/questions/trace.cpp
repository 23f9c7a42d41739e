#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "waybill/analysis/critical_path.h"
#include "waybill/analysis/trace_tree.h"
#include "waybill/otlp/span_json.h"
#include "waybill/server/linked_spans.h"
#include "waybill/server/questions/questions.h"
#include "waybill/server/questions/shapes.h"

namespace waybill::server {
namespace {

using evidence::Span;
using server::json_of;

constexpr std::size_t kMostSpans = 5'000;
constexpr std::size_t kMostLogRecords = 1'000;

Json linked(const Span& span) {
  Json json = json_of(analysis::ref_of(span));
  json["name"] = span.name;
  json["service"] = span.service;
  return json;
}

Json linked(const evidence::Link& link) {
  Json json = json_of(analysis::ref_of(link));
  json["name"] = nullptr;
  json["service"] = nullptr;
  return json;
}

Json links_of(const std::vector<Span>& spans, const analysis::TreeRow& row) {
  Json all = Json::array();
  const Span& span = spans[row.span];
  for (std::size_t at = 0; at < span.links.size(); ++at) {
    const bool is_seen = at < row.links.size() && row.links[at].has_value();
    all.push_back(is_seen ? linked(spans[*row.links[at]]) : linked(span.links[at]));
  }
  return all;
}

Json linked_by(const std::vector<Span>& spans, const analysis::TreeRow& row) {
  Json all = Json::array();
  for (const std::size_t other : row.linked_by) all.push_back(linked(spans[other]));
  return all;
}

using LogRecords = std::multimap<std::array<std::uint8_t, 8>, Json>;

Json logs_of(const Span& span, const LogRecords& records) {
  Json all = Json::array();
  const auto [begin, end] = records.equal_range(span.span_id.bytes);
  for (auto record = begin; record != end; ++record) all.push_back(record->second);
  return all;
}

Json span_json(const std::vector<Span>& spans, const analysis::TreeRow& row, const LogRecords& records) {
  const Span& span = spans[row.span];
  const Json details = otlp::span_details(span);
  std::string error = span.error_type;
  if (error.empty() && span.failed) error = details["status_message"].get<std::string>();
  if (error.empty() && span.failed) error = "_OTHER";
  return {{"trace_id", otlp::digits_of(span.trace_id)},
          {"span_id", otlp::digits_of(span.span_id)},
          {"parent_id", span.parent_id.valid() ? Json(otlp::digits_of(span.parent_id)) : Json(nullptr)},
          {"depth", row.depth},
          {"name", span.name},
          {"service", span.service},
          {"kind", name_of(span.kind)},
          {"operation", name_of(span.operation)},
          {"start_ms", ms_of(span.start_ns)},
          {"duration_ms", evidence::duration_ms(span)},
          {"error", text_or_null(error)},
          {"message", json_of(name_of(span))},
          {"attributes", details["attributes"]},
          {"resource", details["resource"]},
          {"events", details["events"]},
          {"logs", logs_of(span, records)},
          {"links", links_of(spans, row)},
          {"linked_by", linked_by(spans, row)}};
}

Json json_of(const analysis::CriticalPath& path) {
  Json all = Json::array();
  for (const analysis::PathSegment& segment : path.segments) {
    all.push_back({{"part", analysis::name_of(segment.part)},
                   {"from_ms", ms_of(segment.from_ns)},
                   {"to_ms", ms_of(segment.to_ns)},
                   {"span", json_of(segment.span)},
                   {"text", segment.text}});
  }
  return all;
}

Expected<LogRecords> find_records(const Sources& sources, const context::TraceId& trace) {
  const auto found = sources.store.log_records_of(trace, kMostLogRecords);
  if (!found) return found.error();
  LogRecords records;
  for (const evidence::LogRecord& record : *found) {
    records.emplace(record.span_id.bytes, Json{{"event", record.event_name},
                                               {"severity", record.severity},
                                               {"time_ms", ms_of(record.time_ns)},
                                               {"text", record.text}});
  }
  return records;
}

// What both found, each once.
std::vector<std::string> joined(std::vector<std::string> one, const std::vector<std::string>& other) {
  for (const std::string& text : other)
    if (std::find(one.begin(), one.end(), text) == one.end()) one.push_back(text);
  return one;
}

}  // namespace

Answer answer_trace(const Sources& sources, Parameters&, const context::TraceId& id) {
  const auto found = find_linked_spans(sources.store, id, kMostSpans);
  if (!found) return refuse(503, found.error().message);
  const std::vector<Span>& spans = found->spans;
  const bool is_there =
      std::any_of(spans.begin(), spans.end(), [&](const Span& span) { return span.trace_id == id; });
  if (!is_there) return refuse(404, "no span of trace " + otlp::digits_of(id) + " is known");
  const auto records = find_records(sources, id);
  if (!records) return refuse(503, records.error().message);
  const analysis::TraceTree tree = analysis::lay_out(spans, id);
  const analysis::CriticalPath path = analysis::find_critical_path(spans, id);
  std::set<std::string> services;
  Json rows = Json::array();
  for (const analysis::TreeRow& row : tree.rows) {
    services.insert(spans[row.span].service);
    rows.push_back(span_json(spans, row, *records));
  }
  return ok({{"trace_id", otlp::digits_of(id)},
             {"start_ms", ms_of(tree.start_ns)},
             {"duration_ms", ms_of(tree.end_ns - tree.start_ns)},
             {"services", services},
             {"is_cut", found->is_cut},
             {"spans", rows},
             {"critical_path", json_of(path)},
             {"missing", joined(tree.missing, path.missing)}});
}

Answer answer_trace_data(const Sources& sources, Parameters&, const context::TraceId& id) {
  const auto spans = sources.store.spans_of(id, kMostSpans);
  if (!spans) return refuse(503, spans.error().message);
  if (spans->empty()) return refuse(404, "no span of trace " + otlp::digits_of(id) + " is known");
  return {200, "application/json", otlp::traces_data(*spans)};
}

}  // namespace waybill::server
