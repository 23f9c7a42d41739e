// Asks a cluster how far its groups are behind, as the collecting process does, whenever a line comes in:
//
//   survey HOST:PORT [all] [property=value...] <<<'{"hosts": []}'
//
// `all`: about all groups of the cluster. `hosts` are what consumers in hosts know. Answers with one line:
// {"points": [...]}, what would be exported.
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <iostream>
#include <stop_token>
#include <string>
#include <vector>

#include "waybill/base/clock.h"
#include "waybill/lag/cluster_survey.h"
#include "waybill/lag/join_lag.h"

namespace {

using nlohmann::json;
using waybill::lag::ClusterSurvey;
using waybill::lag::HostPartition;

HostPartition host_of(const json& text) {
  const std::uint64_t now_ns = waybill::base::monotonic_ns();
  return {.of = {text.at("group"), {text.at("topic"), text.at("partition")}},
          .position = text.at("position"),
          .cached_log_end = text.value("cached_log_end", waybill::lag::kNoOffset),
          .log_end_read_ns = now_ns,
          .assigned_ns = text.value("assigned", std::uint64_t{1}),
          .last_poll_ns = now_ns,
          .read_committed = text.value("read_committed", true),
          .revoked = text.value("revoked", false)};
}

std::vector<HostPartition> hosts_of(const json& request) {
  std::vector<HostPartition> hosts;
  for (const json& one : request.value("hosts", json::array())) hosts.push_back(host_of(one));
  return hosts;
}

json text_of(const waybill::lag::LagPoint& point) {
  json text{{"group", point.of.group},
            {"topic", point.of.at.topic},
            {"partition", point.of.at.partition},
            {"messages", point.messages},
            {"uncounted", point.uncounted},
            {"gone", point.offsets_gone},
            {"bound", point.watermark_age.has_value()},
            {"seconds", nullptr},
            {"time_unix_ns", point.time_unix_ns}};
  if (point.seconds) text["seconds"] = *point.seconds;
  return text;
}

json answer(ClusterSurvey& survey, const json& request) {
  const std::vector<HostPartition> hosts = hosts_of(request);
  const auto answer = survey.ask([&] { return hosts; }, std::stop_token{});
  json points = json::array();
  const waybill::lag::JoinMoment moment{.now_ns = waybill::base::monotonic_ns(),
                                        .now_unix_ns = waybill::base::realtime_ns()};
  for (const auto& point : waybill::lag::join_lag(hosts, answer ? &*answer : nullptr, moment))
    points.push_back(text_of(point));
  json text{{"points", points}, {"error", answer ? "" : answer.error().message}};
  if (answer) text["groups_left_out"] = answer->groups_left_out;
  return text;
}

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count < 2) {
    std::cerr << "usage: survey HOST:PORT [all] [property=value...]\n";
    return 2;
  }
  waybill::Log log;
  waybill::lag::SurveyConfig config;
  config.cluster.bootstrap_servers = arguments[1];
  for (int i = 2; i < argument_count; ++i) {
    const std::string text = arguments[i];
    if (text == "all") {
      config.all_groups = true;
    } else {
      const std::size_t equals = text.find('=');
      config.cluster.properties.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  const auto survey = ClusterSurvey::open(config, log);
  if (!survey) {
    std::cerr << survey.error().message << '\n';
    return 1;
  }
  for (std::string line; std::getline(std::cin, line);)
    std::cout << answer(**survey, json::parse(line)).dump() << std::endl;  // NOLINT: who asks waits for it
}
