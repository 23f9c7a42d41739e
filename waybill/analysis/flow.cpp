#include "waybill/analysis/flow.h"

#include <algorithm>

#include "waybill/analysis/internal/flow_findings.h"
#include "waybill/analysis/internal/flow_graph.h"

namespace waybill::analysis {
namespace {

class FlowWriter {
 public:
  FlowWriter(const FlowInput& input, const FlowGraph& graph) : graph_(graph) {
    seconds_ = std::max(static_cast<double>(input.to_ns - input.from_ns) / 1e9, 1e-3);
  }

  Flow write() {
    for (const auto& [key, counts] : graph_.produced) add_production(key, counts);
    for (const auto& [key, counts] : graph_.consumed) add_consumption(key, counts);
    for (const auto& [group, reports] : graph_.lags) add_lags(group, reports);
    Flow flow;
    for (auto& [id, part] : nodes_) {
      part.node.processing = part.counts.processing.percentiles();
      part.node.errors = part.counts.errors;
      flow.nodes.push_back(std::move(part.node));
    }
    for (auto& [ends, part] : edges_) flow.edges.push_back(make_edge(ends, part));
    flow.bottleneck = find_bottleneck(graph_);
    flow.impact = find_impact(graph_);
    flow.is_scaled = is_scaled_;
    return flow;
  }

 private:
  using Ends = std::pair<std::string, std::string>;
  struct NodePart {
    FlowNode node;
    FlowCounts counts;  // what it did
  };
  enum class Latency : std::uint8_t { kDuration, kLog, kProcessing };
  struct EdgePart {
    FlowCounts counts;
    Latency latency = Latency::kDuration;
  };

  void add_production(const FlowGraph::Production& key, const FlowCounts& counts) {
    is_scaled_ &= counts.unscaled <= 0;
    NodePart& service = node(NodeKind::kService, key.service);
    service.counts.errors += counts.errors;
    node(NodeKind::kTopic, key.topic);
    FlowCounts send = counts;
    send.log = {};
    send.processing = {};
    add_edge(service.node, node(NodeKind::kTopic, key.topic).node, send, Latency::kDuration);
  }

  void add_consumption(const FlowGraph::Consumption& key, const FlowCounts& counts) {
    is_scaled_ &= counts.unscaled <= 0;
    NodePart& topic = node(NodeKind::kTopic, key.topic);
    NodePart& service = node(NodeKind::kService, key.service);
    if (key.group.empty()) {
      service.counts.merge(counts);
      add_edge(topic.node, service.node, counts, Latency::kLog);
      return;
    }
    NodePart& group = node(NodeKind::kGroup, key.group);
    group.counts.merge(counts);
    add_service(group.node, key.service);
    FlowCounts in_log = counts;
    in_log.processing = {};
    FlowCounts in_member = counts;
    in_member.log = {};
    add_edge(topic.node, group.node, in_log, Latency::kLog);
    add_edge(group.node, service.node, in_member, Latency::kProcessing);
  }

  // A group that shows no spans is there, too.
  void add_lags(const std::string& name, const std::vector<const GroupReport*>& reports) {
    NodePart& group = node(NodeKind::kGroup, name);
    for (const GroupReport* report : reports) {
      group.node.lag = group.node.lag.value_or(0) + report->lag;
      for (const std::string& service : report->services) add_service(group.node, service);
      const Ends ends = {id_of(node(NodeKind::kTopic, report->topic).node), id_of(group.node)};
      if (edges_.contains(ends)) continue;
      FlowCounts counts;
      counts.messages = report->processing_per_s.value_or(0) * seconds_;
      edges_[ends] = {.counts = counts, .latency = Latency::kLog};
    }
  }

  NodePart& node(NodeKind kind, const std::string& name) {
    NodePart& part = nodes_[id_of(kind, name)];
    part.node.kind = kind;
    part.node.name = name;
    return part;
  }

  static void add_service(FlowNode& group, const std::string& service) {
    const auto at = std::lower_bound(group.services.begin(), group.services.end(), service);
    if (at == group.services.end() || *at != service) group.services.insert(at, service);
  }

  void add_edge(const FlowNode& from, const FlowNode& to, const FlowCounts& counts, Latency latency) {
    EdgePart& part = edges_[{id_of(from), id_of(to)}];
    part.counts.merge(counts);
    part.latency = latency;
  }

  FlowEdge make_edge(const Ends& ends, const EdgePart& part) const {
    return {.from = ends.first,
            .to = ends.second,
            .messages = part.counts.messages,
            .per_s = part.counts.messages / seconds_,
            .errors = part.counts.errors,
            .latency = latency_of(part),
            .client_queue_ms = part.counts.queue.mean_ms(),
            .broker_ms = part.counts.broker.mean_ms(),
            .log_ms = part.counts.log.mean_ms(),
            .processing_ms = part.counts.processing.mean_ms()};
  }

  static std::optional<Percentiles> latency_of(const EdgePart& part) {
    switch (part.latency) {
      case Latency::kDuration:
        return part.counts.duration.percentiles();
      case Latency::kLog:
        return part.counts.log.percentiles();
      case Latency::kProcessing:
        return part.counts.processing.percentiles();
    }
    return std::nullopt;
  }

  const FlowGraph& graph_;
  double seconds_ = 1;
  bool is_scaled_ = true;
  std::map<std::string, NodePart> nodes_;
  std::map<Ends, EdgePart> edges_;
};

}  // namespace

Flow describe_flow(const FlowInput& input) {
  const FlowGraph graph = make_graph(input);
  return FlowWriter(input, graph).write();
}

std::string id_of(NodeKind kind, std::string_view name) {
  switch (kind) {
    case NodeKind::kService:
      return "service:" + std::string(name);
    case NodeKind::kTopic:
      return "topic:" + std::string(name);
    case NodeKind::kGroup:
      return "group:" + std::string(name);
  }
  return std::string(name);
}

std::string_view name_of(HoldUp hold_up) {
  switch (hold_up) {
    case HoldUp::kSlow:
      return "slow";
    case HoldUp::kStopped:
      return "stopped";
    case HoldUp::kFailing:
      return "failing";
  }
  return "slow";
}

}  // namespace waybill::analysis
