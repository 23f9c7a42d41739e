#include "waybill/server/shared_evidence.h"

#include <algorithm>

namespace waybill::server {
namespace {

using evidence::MetricPoint;
using evidence::Operation;

constexpr std::size_t kMostPointsShared = 200'000;

}  // namespace

SpanTimeline& SharedEvidence::near_now(const std::string& topic, std::int32_t partition) {
  return timeline(near_now_, {topic, partition});
}

SpanTimeline& SharedEvidence::near_message(const std::string& topic, std::int32_t partition) {
  return timeline(near_message_, {topic, partition});
}

SpanTimeline& SharedEvidence::timeline(std::map<Partition, SpanTimeline>& timelines, const Partition& of) {
  store::SpanQuery query;
  query.place = {of.first, of.second, -1};
  query.operations = {Operation::kReceive, Operation::kProcess, Operation::kSettle};
  return timelines.try_emplace(of, sources_.store, std::move(query)).first->second;
}

SpanTimeline& SharedEvidence::consumed(const std::string& topic, const std::string& group) {
  store::SpanQuery query;
  query.place.topic = topic;
  query.group = group;
  query.operations = {Operation::kProcess, Operation::kReceive};
  return consumed_.try_emplace({topic, group}, sources_.store, std::move(query)).first->second;
}

Expected<std::vector<MetricPoint>> SharedEvidence::points(const store::PointQuery& query, std::size_t most) {
  if (query.metrics.size() != 1) return sources_.store.points(query, most);
  const auto [place, is_new] =
      histories_.try_emplace({query.metrics[0], query.topic, query.group}, History{0, -1, false, {}});
  History& history = place->second;
  if (is_new || query.window.from_ns < history.from_ns || query.window.to_ns > history.to_ns) {
    store::PointQuery wider = query;
    wider.window.from_ns = std::min(query.window.from_ns, earliest_ns_);
    auto read = sources_.store.points(wider, kMostPointsShared);
    if (!read) return read.error();
    history = {wider.window.from_ns, wider.window.to_ns, read->size() >= kMostPointsShared, std::move(*read)};
  }
  std::vector<MetricPoint> found;
  for (const MetricPoint& point : history.points) {
    const bool is_within = point.time_ns >= query.window.from_ns && point.time_ns <= query.window.to_ns;
    if (is_within) found.push_back(point);
  }
  // Which ones the store leaves out when there are more, it alone knows.
  if (history.is_cut || found.size() > most) return sources_.store.points(query, most);
  return found;
}

const std::set<std::string>& SharedEvidence::groups_in_flow(const std::string& topic,
                                                            const store::Window& window) {
  const store::Window minutes = FlowMinutes::minutes_of(window);
  const auto [place, is_new] = groups_.try_emplace({topic, minutes.from_ns, minutes.to_ns});
  if (is_new) place->second = sources_.flow.groups_of(topic, window);
  return place->second;
}

const std::optional<evidence::PartitionLog>& SharedEvidence::log_of(const std::string& topic,
                                                                    std::int32_t partition) {
  const auto [place, is_new] = logs_.try_emplace({topic, partition});
  if (is_new) place->second = sources_.brokers.log_of(topic, partition);
  return place->second;
}

const std::vector<evidence::CommittedOffset>& SharedEvidence::committed(const std::string& group,
                                                                        const std::string& topic,
                                                                        std::int32_t partition) {
  const auto [place, is_new] = committed_.try_emplace({group, {topic, partition}});
  if (is_new) place->second = sources_.brokers.committed(group, topic, partition);
  return place->second;
}

}  // namespace waybill::server
