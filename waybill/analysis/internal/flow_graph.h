#pragma once

#include <map>
#include <set>
#include <string>

#include "waybill/analysis/flow.h"

namespace waybill::analysis {

// The counts of a window, merged, and who is beside whom. What a group got counts by its process spans where
// it has some, by its receive spans else.
struct FlowGraph {
  struct Consumption {
    std::string topic;
    std::string group;  // empty: the client says none
    std::string service;
    friend auto operator<=>(const Consumption&, const Consumption&) = default;
  };
  struct Production {
    std::string service;
    std::string topic;
    friend auto operator<=>(const Production&, const Production&) = default;
  };

  std::map<Production, FlowCounts> produced;
  std::map<Consumption, FlowCounts> consumed;
  std::map<std::string, std::vector<const GroupReport*>> lags;  // by group; borrowed from the input

  std::set<std::string> services_of_group(const std::string& group) const;
  std::set<std::string> topics_of_service(const std::string& service) const;  // that it writes
  std::set<std::string> groups_of_topic(const std::string& topic) const;      // that read it
};

FlowGraph make_graph(const FlowInput& input);

}  // namespace waybill::analysis
