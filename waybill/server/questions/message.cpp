#include "waybill/otlp/span_json.h"
#include "waybill/server/message_search.h"
#include "waybill/server/questions/questions.h"
#include "waybill/server/questions/shapes.h"

namespace waybill::server {
namespace {

using analysis::MessageWay;
using server::json_of;

Json json_of(const analysis::Step& step) {
  const bool is_over = step.end_ns.has_value();
  return {{"step", analysis::name_of(step.kind)},
          {"service", step.service},
          {"instance", step.instance},
          {"client_id", step.client_id},
          {"start_ms", ms_of(step.start_ns)},
          {"duration_ms", is_over ? Json(ms_of(*step.end_ns - step.start_ns)) : Json(nullptr)},
          {"error", text_or_null(step.error)},
          {"error_text", text_or_null(step.error_text)},
          {"span", json_of(step.span)}};
}

Json json_of(const analysis::GroupWay& way) {
  Json steps = Json::array();
  for (const analysis::Step& step : way.steps) steps.push_back(json_of(step));
  return {{"group", way.group},
          {"verdict", json_of(way.verdict)},
          {"waited_ms", or_null(way.waited_ms)},
          {"end_to_end_ms", or_null(way.end_to_end_ms)},
          {"committed", or_null(way.committed)},
          {"steps", steps}};
}

Json json_of(const analysis::Produced& produced, const std::string& broker) {
  return {{"service", produced.service},
          {"instance", produced.instance},
          {"client_id", produced.client_id},
          {"acks", or_null(produced.acks)},
          {"start_ms", ms_of(produced.start_ns)},
          {"duration_ms", ms_of(produced.end_ns - produced.start_ns)},
          {"queue_ms", or_null(produced.queue_ms)},
          {"broker_ms", or_null(produced.broker_ms)},
          {"broker", text_or_null(broker)},
          {"persistence", name_of(produced.persistence)},
          {"error", text_or_null(produced.error)},
          {"error_text", text_or_null(produced.error_text)},
          {"transaction", text_or_null(produced.transaction)},
          {"span", json_of(produced.span)}};
}

Json json_of(const std::optional<evidence::PartitionLog>& log, evidence::Presence presence) {
  if (!log) return nullptr;
  return {{"start", log->start},
          {"end", log->end},
          {"asked_ms", ms_of(log->asked_ns)},
          {"presence", name_of(presence)}};
}

Json json_of(const std::vector<analysis::MessageName>& names) {
  Json all = Json::array();
  for (const analysis::MessageName& name : names) all.push_back(json_of(name));
  return all;
}

Json json_of(const MessageWay& way, const std::string& broker) {
  Json groups = Json::array();
  for (const analysis::GroupWay& group : way.groups) groups.push_back(json_of(group));
  return {{"message", json_of(way.message)},
          {"verdict", json_of(way.verdict)},
          {"produced", way.produced ? json_of(*way.produced, broker) : Json(nullptr)},
          {"log", json_of(way.log, way.presence)},
          {"groups", groups},
          {"came_from", json_of(way.came_from)},
          {"led_to", json_of(way.led_to)}};
}

// The broker that answered, as the span says it: host:port.
std::string broker_of(const analysis::Produced& produced, const std::vector<evidence::Span>& spans) {
  for (const evidence::Span& span : spans) {
    if (analysis::ref_of(span) != produced.span) continue;
    const Json attributes = otlp::span_details(span)["attributes"];
    const auto address = attributes.find("server.address");
    if (address == attributes.end() || !address->is_string()) return {};
    const auto port = attributes.find("server.port");
    return address->get<std::string>() + (port == attributes.end() ? std::string{} : ':' + port->dump());
  }
  return {};
}

}  // namespace

Answer answer_message(const Sources& sources, Parameters& parameters) {
  evidence::Place place;
  place.topic = parameters.text("topic");
  place.partition = parameters.partition("partition");
  place.offset = parameters.integer("offset").value_or(-1);
  const analysis::SpanRef context{parameters.trace_id("trace"), parameters.span_id("span")};
  if (!parameters.what_is_wrong().empty()) return refuse(400, parameters.what_is_wrong());
  if (!place.is_exact() && !context.valid())
    return refuse(400, "a message is named by topic, partition and offset, or by trace and span");
  const auto found = MessageSearch{sources, parameters.now_ns()}.find(place, context, true);
  if (!found) return refuse(503, found.error().message);
  if (found->spans.empty() && found->logs.empty())
    return refuse(404, "nothing is known of this message: no span of it came, and no broker was asked");
  const MessageWay way = analysis::explain(*found);
  return ok(json_of(way, way.produced ? broker_of(*way.produced, found->spans) : std::string{}));
}

}  // namespace waybill::server
