#include "waybill/analysis/internal/flow_graph.h"

namespace waybill::analysis {
namespace {

using evidence::Operation;

}  // namespace

FlowGraph make_graph(const FlowInput& input) {
  FlowGraph graph;
  std::map<FlowGraph::Consumption, FlowCounts> received;
  for (const auto& [key, counts] : input.counts) {
    switch (key.operation) {
      case Operation::kCreate:
      case Operation::kSend:
        graph.produced[{key.service, key.topic}].merge(counts);
        break;
      case Operation::kProcess:
        graph.consumed[{key.topic, key.group, key.service}].merge(counts);
        break;
      case Operation::kReceive:
        received[{key.topic, key.group, key.service}].merge(counts);
        break;
      default:
        break;
    }
  }
  for (const auto& [key, counts] : received) graph.consumed.try_emplace(key, counts);
  for (const GroupReport& report : input.lags) graph.lags[report.group].push_back(&report);
  return graph;
}

std::set<std::string> FlowGraph::services_of_group(const std::string& group) const {
  std::set<std::string> services;
  for (const auto& [key, counts] : consumed) {
    if (key.group == group) services.insert(key.service);
  }
  if (const auto found = lags.find(group); found != lags.end()) {
    for (const GroupReport* report : found->second)
      services.insert(report->services.begin(), report->services.end());
  }
  return services;
}

std::set<std::string> FlowGraph::topics_of_service(const std::string& service) const {
  std::set<std::string> topics;
  for (const auto& [key, counts] : produced) {
    if (key.service == service) topics.insert(key.topic);
  }
  return topics;
}

std::set<std::string> FlowGraph::groups_of_topic(const std::string& topic) const {
  std::set<std::string> groups;
  for (const auto& [key, counts] : consumed) {
    if (key.topic == topic && !key.group.empty()) groups.insert(key.group);
  }
  for (const auto& [group, reports] : lags) {
    for (const GroupReport* report : reports) {
      if (report->topic == topic) groups.insert(group);
    }
  }
  return groups;
}

}  // namespace waybill::analysis
