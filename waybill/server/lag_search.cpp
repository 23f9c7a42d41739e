#include "waybill/server/lag_search.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "waybill/server/rates.h"

namespace waybill::server {
namespace {

using evidence::MetricPoint;

constexpr std::size_t kMostPoints = 500'000;
constexpr const char* kLag = "kafka.consumer.lag";
constexpr const char* kLagTime = "kafka.consumer.lag.time";
constexpr const char* kWatermarkAge = "waybill.lag.watermark.age";

struct GroupTopic {
  std::string group;
  std::string topic;
  friend auto operator<=>(const GroupTopic&, const GroupTopic&) = default;
};

// The samples of a partition by time. Who tells of it may change: the newest word at a time counts.
using Samples = std::map<std::int64_t, analysis::LagSample>;
using Histories = std::map<GroupTopic, std::map<std::int32_t, Samples>>;

void add(const MetricPoint& point, Histories& histories) {
  if (point.series.group.empty() || point.series.topic.empty() || point.series.partition < 0) return;
  analysis::LagSample& sample =
      histories[{point.series.group, point.series.topic}][point.series.partition][point.time_ns];
  sample.time_ns = point.time_ns;
  if (point.series.metric == kLag) sample.lag = point.value;
  if (point.series.metric == kLagTime) sample.lag_time_ms = point.value * 1e3;
  if (point.series.metric == kWatermarkAge) sample.is_lower_bound = true;
}

Expected<Histories> find_histories(const Sources& sources, const LagQuestion& question) {
  const auto points = sources.store.points({.window = question.window,
                                            .metrics = {kLag, kLagTime, kWatermarkAge},
                                            .topic = question.topic,
                                            .group = question.group},
                                           kMostPoints);
  if (!points) return points.error();
  Histories histories;
  for (const MetricPoint& point : *points) add(point, histories);
  return histories;
}

// What flows in and out, for all groups at once.
struct Rates {
  Counters sent;
  Counters consumed;
  std::vector<std::pair<analysis::FlowKey, analysis::FlowCounts>> flow;
};

Expected<Rates> find_rates(const Sources& sources, const LagQuestion& question) {
  auto sent = Counters::read(sources.store, Counters::kSent, question.window, question.topic);
  if (!sent) return sent.error();
  auto consumed =
      Counters::read(sources.store, Counters::kConsumed, question.window, question.topic, question.group);
  if (!consumed) return consumed.error();
  return Rates{std::move(*sent), std::move(*consumed), sources.flow.counts(question.window)};
}

void add_rates(const Rates& rates, analysis::GroupHistory& history) {
  const auto sent = rates.sent.growth([&](const evidence::Series& series) {
    return series.topic == history.topic && series.error_type.empty();
  });
  history.arriving_per_s = rates.sent.per_second(sent);
  const auto consumed = rates.consumed.growth([&](const evidence::Series& series) {
    return series.topic == history.topic && series.group == history.group;
  });
  history.processing_per_s = rates.consumed.per_second(consumed);
  std::set<std::pair<std::string, std::string>> members;
  std::set<std::string> services;
  for (const MetricPoint& point : rates.consumed.points()) {
    if (point.series.topic != history.topic || point.series.group != history.group) continue;
    members.insert({point.series.service, point.series.instance});
    services.insert(point.series.service);
  }
  if (!members.empty()) history.consumers = static_cast<std::uint32_t>(members.size());
  analysis::LatencyHistogram processing;
  for (const auto& [key, counts] : rates.flow) {
    if (key.topic != history.topic || key.group != history.group) continue;
    processing.merge(counts.processing);
    services.insert(key.service);
  }
  history.processing_ms = processing.mean_ms();
  history.services.assign(services.begin(), services.end());
}

// Of the group in that topic, whatever it did: the newest end, and the offset behind the last record of a
// partition.
Expected<void> add_last_consumed(const Sources& sources, const LagQuestion& question,
                                 analysis::GroupHistory& history) {
  store::SpanQuery query;
  query.window = question.window;
  query.place.topic = history.topic;
  query.group = history.group;
  query.operations = {evidence::Operation::kProcess, evidence::Operation::kReceive};
  query.most = 200;
  const auto found = sources.store.search(query);
  if (!found) return found.error();
  for (const evidence::Span& span : found->spans) {
    history.last_consumed_ns = std::max(history.last_consumed_ns.value_or(0), span.end_ns);
    for (analysis::PartitionHistory& partition : history.partitions)
      if (partition.partition == span.place.partition && span.place.offset >= 0)
        partition.next_offset = std::max(partition.next_offset.value_or(0), span.place.offset + 1);
  }
  return {};
}

analysis::GroupHistory history_of(const GroupTopic& of, const std::map<std::int32_t, Samples>& partitions) {
  analysis::GroupHistory history;
  history.group = of.group;
  history.topic = of.topic;
  for (const auto& [partition, samples] : partitions) {
    analysis::PartitionHistory& one = history.partitions.emplace_back();
    one.partition = partition;
    for (const auto& [time, sample] : samples) one.samples.push_back(sample);
  }
  return history;
}

}  // namespace

Expected<std::vector<analysis::GroupReport>> find_lags(const Sources& sources, const LagQuestion& question) {
  const auto histories = find_histories(sources, question);
  if (!histories) return histories.error();
  const auto rates = find_rates(sources, question);
  if (!rates) return rates.error();
  std::vector<analysis::GroupReport> reports;
  for (const auto& [of, partitions] : *histories) {
    analysis::GroupHistory history = history_of(of, partitions);
    add_rates(*rates, history);
    history.last_rebalance_ns = sources.groups.last_rebalance_ns(of.group);
    if (const auto added = add_last_consumed(sources, question, history); !added) return added.error();
    reports.push_back(
        analysis::report_lag(history, {question.window.from_ns, question.window.to_ns, question.steps}));
  }
  std::stable_sort(reports.begin(), reports.end(),
                   [](const analysis::GroupReport& one, const analysis::GroupReport& other) {
                     return one.lag > other.lag;
                   });
  return reports;
}

}  // namespace waybill::server
