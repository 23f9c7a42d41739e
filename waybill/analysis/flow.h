#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "waybill/analysis/flow_counts.h"
#include "waybill/analysis/lag_report.h"

namespace waybill::analysis {

enum class NodeKind : std::uint8_t { kService = 0, kTopic, kGroup };

struct FlowNode {
  NodeKind kind = NodeKind::kService;
  std::string name;
  std::vector<std::string> services;  // of a group: whose members they are; sorted
  std::optional<double> lag;          // of a group, in all its topics
  std::optional<Percentiles> processing;
  double errors = 0;
};

// A name that no other node has: "topic:orders".
std::string id_of(NodeKind kind, std::string_view name);
inline std::string id_of(const FlowNode& node) { return id_of(node.kind, node.name); }

// service → topic: sends, its latency is that of a send. topic → group: what was handed over, its latency is
// the time in the log. group → service: what a member did, its latency is that of processing.
struct FlowEdge {
  std::string from;  // ids of nodes
  std::string to;
  double messages = 0;
  double per_s = 0;
  double errors = 0;
  std::optional<Percentiles> latency;
  // Means; none: not known, or no part of this edge.
  std::optional<double> client_queue_ms;
  std::optional<double> broker_ms;
  std::optional<double> log_ms;
  std::optional<double> processing_ms;
};

struct Bottleneck {
  std::string node;
  std::string text;
};

enum class HoldUp : std::uint8_t { kSlow = 0, kStopped, kFailing };

// "slow", as the server answers it.
std::string_view name_of(HoldUp hold_up);

// Who waits behind a node that holds others up.
struct Waiting {
  std::string node;
  std::optional<double> wait_ms;
  std::optional<double> messages;
};

struct Impact {
  std::string node;
  HoldUp state = HoldUp::kSlow;
  std::string text;
  std::vector<Waiting> waiting;  // nearest first, each node once
};

struct FlowInput {
  std::int64_t from_ns = 0;
  std::int64_t to_ns = 0;
  std::vector<std::pair<FlowKey, FlowCounts>> counts;  // of the whole window; a key may stand more than once
  std::vector<GroupReport> lags;                       // of the same window, from report_lag()
};

struct Flow {
  std::vector<FlowNode> nodes;  // sorted by id
  std::vector<FlowEdge> edges;  // sorted by from and to
  std::optional<Bottleneck> bottleneck;
  std::vector<Impact> impact;  // the worst first
  bool is_scaled = true;       // false: some numbers stand for an unknown number of others
};

// Who sends what to whom, where it takes longest, and who waits behind whom. Pure.
Flow describe_flow(const FlowInput& input);

}  // namespace waybill::analysis
