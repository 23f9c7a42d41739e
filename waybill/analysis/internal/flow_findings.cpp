#include "waybill/analysis/internal/flow_findings.h"

#include <algorithm>

#include "waybill/analysis/internal/quantity_text.h"

namespace waybill::analysis {
namespace {

// The bottleneck is where messages spend at least a third of the time that they spend at all nodes.
constexpr double kBottleneckShare = 1.0 / 3;
constexpr double kLeastTimeMs = 1;
// So large a part of failures holds others up.
constexpr double kFailingShare = 0.1;

// ── The bottleneck ──

struct Spent {
  std::string node;
  double ms = 0;
  std::string text;
};

double mean_of(const LatencyHistogram& histogram) { return histogram.mean_ms().value_or(0); }

void take_longest(std::map<std::string, Spent>& longest, Spent spent) {
  Spent& known = longest[spent.node];
  if (known.ms < spent.ms) known = std::move(spent);
}

void take_production(const FlowGraph& graph, std::map<std::string, Spent>& longest) {
  for (const auto& [key, counts] : graph.produced) {
    const double queue_ms = mean_of(counts.queue);
    const double broker_ms = mean_of(counts.broker);
    take_longest(longest, {id_of(NodeKind::kService, key.service), queue_ms,
                           "Messages to " + key.topic + " wait " + duration_text(queue_ms) +
                               " in the client of " + key.service + " before they leave."});
    take_longest(longest, {id_of(NodeKind::kTopic, key.topic), broker_ms,
                           "The brokers take " + duration_text(broker_ms) + " to answer a send to " +
                               key.topic + "."});
  }
}

void take_consumption(const FlowGraph& graph, std::map<std::string, Spent>& longest) {
  for (const auto& [key, counts] : graph.consumed) {
    const bool has_group = !key.group.empty();
    const std::string who = has_group ? key.group : key.service;
    const std::string node = has_group ? id_of(NodeKind::kGroup, who) : id_of(NodeKind::kService, who);
    const double log_ms = mean_of(counts.log);
    const double processing_ms = mean_of(counts.processing);
    take_longest(
        longest,
        {node, log_ms, "Messages of " + key.topic + " wait " + duration_text(log_ms) + " for " + who + "."});
    take_longest(longest,
                 {node, processing_ms,
                  who + " takes " + duration_text(processing_ms) + " for a message of " + key.topic + "."});
  }
}

void take_lag(const FlowGraph& graph, std::map<std::string, Spent>& longest) {
  for (const auto& [group, reports] : graph.lags) {
    for (const GroupReport* report : reports) {
      const double wait_ms = report->lag > 0 ? report->lag_time_ms.value_or(0) : 0;
      take_longest(longest, {id_of(NodeKind::kGroup, group), wait_ms,
                             messages_text(report->lag) + " of " + report->topic + " wait for " + group +
                                 ", the oldest for " + duration_text(wait_ms) + "."});
    }
  }
}

// ── Who waits ──

double share_of_errors(const FlowCounts& counts) {
  return counts.messages > 0 ? counts.errors / counts.messages : 0;
}

// Everything behind a group, nearest first: what its members' services write, and who reads that.
std::vector<std::string> groups_behind_services(const FlowGraph& graph, std::set<std::string> services,
                                                const std::string& without) {
  std::vector<std::string> behind;
  std::set<std::string> seen = {without};
  std::set<std::string> seen_services;
  while (!services.empty()) {
    std::set<std::string> next;
    for (const std::string& service : services) {
      if (!seen_services.insert(service).second) continue;
      for (const std::string& topic : graph.topics_of_service(service)) {
        for (const std::string& group : graph.groups_of_topic(topic)) {
          if (!seen.insert(group).second) continue;
          behind.push_back(group);
          next.merge(graph.services_of_group(group));
        }
      }
    }
    services = std::move(next);
  }
  return behind;
}

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kMostNames = 3;
  std::string text;
  for (std::size_t at = 0; at < std::min(names.size(), kMostNames); ++at) {
    if (at > 0) text += at + 1 == names.size() ? " and " : ", ";
    text += names[at];
  }
  if (names.size() > kMostNames) text += " and " + std::to_string(names.size() - kMostNames) + " more";
  return text;
}

std::string behind_text(const std::vector<std::string>& behind) {
  if (behind.empty()) return "";
  return " What it would send is what " + listed(behind) +
         (behind.size() == 1 ? " waits for." : " wait for.");
}

// A lag that is hardly there grows and shrinks, too: what counts is how long messages wait. Where nothing
// says that, its growth does.
std::optional<HoldUp> hold_up_of(const GroupReport& report) {
  switch (report.state) {
    case LagState::kStopped:
      return HoldUp::kStopped;
    case LagState::kSlow:
      return HoldUp::kSlow;
    case LagState::kFallingBehind:
      if (!report.lag_time_ms || *report.lag_time_ms > kLongWaitMs) return HoldUp::kSlow;
      return std::nullopt;
    case LagState::kCatchingUp:
      if (report.lag_time_ms.value_or(0) > kLongWaitMs) return HoldUp::kSlow;
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

void add_behind(const std::vector<std::string>& behind, std::optional<double> wait_ms, Impact& impact) {
  for (const std::string& group : behind) {
    impact.waiting.push_back(
        {.node = id_of(NodeKind::kGroup, group), .wait_ms = wait_ms, .messages = std::nullopt});
  }
}

std::optional<Impact> impact_of_lag(const FlowGraph& graph, const std::string& group,
                                    const std::vector<const GroupReport*>& reports) {
  std::optional<Impact> impact;
  std::optional<double> longest_ms;
  std::string text;
  for (const GroupReport* report : reports) {
    const auto hold_up = hold_up_of(*report);
    if (!hold_up) continue;
    if (!impact)
      impact = Impact{.node = id_of(NodeKind::kGroup, group), .state = *hold_up, .text = "", .waiting = {}};
    if (*hold_up == HoldUp::kStopped) impact->state = HoldUp::kStopped;
    if (report->lag_time_ms) longest_ms = std::max(longest_ms.value_or(0), *report->lag_time_ms);
    impact->waiting.push_back({.node = id_of(NodeKind::kTopic, report->topic),
                               .wait_ms = report->lag_time_ms,
                               .messages = report->lag});
    text += text.empty() ? report->text : " " + report->text;
  }
  if (!impact) return impact;
  const auto behind = groups_behind_services(graph, graph.services_of_group(group), group);
  impact->text = text + behind_text(behind);
  add_behind(behind, longest_ms, *impact);
  return impact;
}

std::optional<Impact> impact_of_failures(const FlowGraph& graph, const std::string& group) {
  FlowCounts counts;
  for (const auto& [key, consumed] : graph.consumed) {
    if (key.group == group) counts.merge(consumed);
  }
  if (share_of_errors(counts) < kFailingShare) return std::nullopt;
  const auto behind = groups_behind_services(graph, graph.services_of_group(group), group);
  Impact impact{.node = id_of(NodeKind::kGroup, group), .state = HoldUp::kFailing, .text = "", .waiting = {}};
  impact.text = group + " fails with " + count_text(counts.errors) + " of " + messages_text(counts.messages) +
                "." + behind_text(behind);
  add_behind(behind, std::nullopt, impact);
  return impact;
}

std::optional<Impact> impact_of_group(const FlowGraph& graph, const std::string& group) {
  const auto lags = graph.lags.find(group);
  if (lags != graph.lags.end()) {
    if (auto impact = impact_of_lag(graph, group, lags->second)) return impact;
  }
  return impact_of_failures(graph, group);
}

std::optional<Impact> impact_of_failing_sends(const FlowGraph& graph, const std::string& service) {
  FlowCounts counts;
  for (const auto& [key, produced] : graph.produced) {
    if (key.service == service) counts.merge(produced);
  }
  if (share_of_errors(counts) < kFailingShare) return std::nullopt;
  const auto behind = groups_behind_services(graph, {service}, "");
  Impact impact{
      .node = id_of(NodeKind::kService, service), .state = HoldUp::kFailing, .text = "", .waiting = {}};
  impact.text = service + " could not send " + count_text(counts.errors) + " of " +
                messages_text(counts.messages) + "." + behind_text(behind);
  add_behind(behind, std::nullopt, impact);
  return impact;
}

int badness(HoldUp state) {
  switch (state) {
    case HoldUp::kStopped:
      return 2;
    case HoldUp::kFailing:
      return 1;
    case HoldUp::kSlow:
      return 0;
  }
  return 0;
}

double longest_wait_ms(const Impact& impact) {
  double longest = 0;
  for (const Waiting& waiting : impact.waiting) longest = std::max(longest, waiting.wait_ms.value_or(0));
  return longest;
}

bool is_worse(const Impact& left, const Impact& right) {
  if (left.state != right.state) return badness(left.state) > badness(right.state);
  return longest_wait_ms(left) > longest_wait_ms(right);
}

std::set<std::string> all_groups(const FlowGraph& graph) {
  std::set<std::string> groups;
  for (const auto& [key, counts] : graph.consumed) {
    if (!key.group.empty()) groups.insert(key.group);
  }
  for (const auto& [group, reports] : graph.lags) groups.insert(group);
  return groups;
}

std::set<std::string> all_senders(const FlowGraph& graph) {
  std::set<std::string> services;
  for (const auto& [key, counts] : graph.produced) services.insert(key.service);
  return services;
}

}  // namespace

std::optional<Bottleneck> find_bottleneck(const FlowGraph& graph) {
  std::map<std::string, Spent> longest;
  take_production(graph, longest);
  take_consumption(graph, longest);
  take_lag(graph, longest);
  double all_ms = 0;
  const Spent* most = nullptr;
  for (const auto& [node, spent] : longest) {
    all_ms += spent.ms;
    if (most == nullptr || spent.ms > most->ms) most = &spent;
  }
  const bool is_much = most != nullptr && most->ms >= kLeastTimeMs && most->ms >= kBottleneckShare * all_ms;
  if (!is_much) return std::nullopt;
  return Bottleneck{.node = most->node, .text = most->text};
}

std::vector<Impact> find_impact(const FlowGraph& graph) {
  std::vector<Impact> impacts;
  for (const std::string& group : all_groups(graph)) {
    if (auto impact = impact_of_group(graph, group)) impacts.push_back(*std::move(impact));
  }
  for (const std::string& service : all_senders(graph)) {
    if (auto impact = impact_of_failing_sends(graph, service)) impacts.push_back(*std::move(impact));
  }
  std::stable_sort(impacts.begin(), impacts.end(), is_worse);
  return impacts;
}

}  // namespace waybill::analysis
