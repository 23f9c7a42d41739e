#include <string_view>

#include "waybill/analysis/flow.h"
#include "waybill/server/lag_search.h"
#include "waybill/server/questions/questions.h"
#include "waybill/server/questions/shapes.h"

namespace waybill::server {
namespace {

using server::json_of;
using server::name_of;

std::string_view name_of(analysis::NodeKind kind) {
  switch (kind) {
    case analysis::NodeKind::kService:
      return "service";
    case analysis::NodeKind::kTopic:
      return "topic";
    case analysis::NodeKind::kGroup:
      break;
  }
  return "group";
}

Json json_of(const analysis::FlowNode& node) {
  return {{"id", analysis::id_of(node)}, {"kind", name_of(node.kind)},
          {"name", node.name},           {"services", node.services},
          {"lag", or_null(node.lag)},    {"processing", json_of(node.processing)},
          {"errors", node.errors}};
}

Json json_of(const analysis::FlowEdge& edge) {
  return {{"from", edge.from},
          {"to", edge.to},
          {"messages", edge.messages},
          {"per_s", edge.per_s},
          {"errors", edge.errors},
          {"latency", json_of(edge.latency)},
          {"parts",
           {{"client_queue_ms", or_null(edge.client_queue_ms)},
            {"broker_ms", or_null(edge.broker_ms)},
            {"log_ms", or_null(edge.log_ms)},
            {"processing_ms", or_null(edge.processing_ms)}}}};
}

Json json_of(const analysis::Impact& impact) {
  Json waiting = Json::array();
  for (const analysis::Waiting& one : impact.waiting)
    waiting.push_back(
        {{"node", one.node}, {"wait_ms", or_null(one.wait_ms)}, {"messages", or_null(one.messages)}});
  return {{"node", impact.node},
          {"state", analysis::name_of(impact.state)},
          {"text", impact.text},
          {"waiting", waiting}};
}

template <typename Values>
Json list_of(const Values& values) {
  Json all = Json::array();
  for (const auto& value : values) all.push_back(json_of(value));
  return all;
}

}  // namespace

Answer answer_flow(const Sources& sources, Parameters& parameters) {
  const store::Window asked = parameters.window();
  const store::Window window = FlowMinutes::whole_minutes(asked, parameters.now_ns());
  if (!parameters.what_is_wrong().empty()) return refuse(400, parameters.what_is_wrong());
  const auto lags = find_lags(sources, {asked, {}, {}});
  if (!lags) return refuse(503, lags.error().message);
  const analysis::Flow flow =
      analysis::describe_flow({window.from_ns, window.to_ns, sources.flow.counts(window), *lags});
  const auto& bottleneck = flow.bottleneck;
  return ok({{"window", json_of(window)},
             {"source", flow.is_scaled ? "spans" : "spans (unscaled)"},
             {"nodes", list_of(flow.nodes)},
             {"edges", list_of(flow.edges)},
             {"bottleneck",
              bottleneck ? Json{{"node", bottleneck->node}, {"text", bottleneck->text}} : Json(nullptr)},
             {"impact", list_of(flow.impact)}});
}

}  // namespace waybill::server
