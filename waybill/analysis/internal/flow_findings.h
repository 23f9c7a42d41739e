#pragma once

#include <optional>
#include <vector>

#include "waybill/analysis/internal/flow_graph.h"

namespace waybill::analysis {

// The node at which a message spends most of its time, if that is much beside what it spends at the others.
std::optional<Bottleneck> find_bottleneck(const FlowGraph& graph);

// For each node that holds others up, who waits behind it; the worst first.
std::vector<Impact> find_impact(const FlowGraph& graph);

}  // namespace waybill::analysis
