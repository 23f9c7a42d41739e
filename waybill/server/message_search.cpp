#include "waybill/server/message_search.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "waybill/analysis/counter_growth.h"

namespace waybill::server {
namespace {

using analysis::MessageEvidence;
using analysis::SpanRef;
using evidence::Operation;
using evidence::Span;

constexpr std::size_t kMostSpansAtAPlace = 200;
constexpr std::size_t kMostSpansOfATrace = 2'000;
constexpr std::size_t kMostSpansOfAGroup = 2'000;
constexpr std::size_t kMostTraces = 20;
constexpr std::size_t kMostNeighbours = 300;
constexpr std::size_t kMostPoints = 20'000;
constexpr std::size_t kMostGroupsAsked = 20;
constexpr std::int64_t kMinute = 60'000'000'000;
// How far around the send neighbours are looked for; and before a window a cumulative counter has its last
// point.
constexpr std::int64_t kBefore = 10 * kMinute;
constexpr std::int64_t kInterval = 3 * kMinute;

bool is_send(const Span& span) {
  return span.operation == Operation::kSend || span.operation == Operation::kCreate;
}

bool is_consumer(const Span& span) {
  return span.operation == Operation::kReceive || span.operation == Operation::kProcess ||
         span.operation == Operation::kSettle;
}

class Search {
 public:
  Search(const Sources& sources, SharedEvidence& shared, std::int64_t now_ns)
      : sources_{sources}, shared_{shared} {
    found_.now_ns = now_ns;
  }

  Expected<MessageEvidence> run(const evidence::Place& place, const SpanRef& context, bool ask_brokers) {
    found_.place = place;
    found_.context = context;
    using Step = Expected<void> (Search::*)();
    for (const Step step :
         {&Search::look_at_the_place, &Search::look_at_its_traces, &Search::look_at_neighbours,
          &Search::look_at_groups, &Search::look_at_log_records})
      if (const Expected<void> done = (this->*step)(); !done) return done.error();
    if (ask_brokers) ask();
    return std::move(found_);
  }

 private:
  // Spans there, among them the send, which knows the context.
  Expected<void> look_at_the_place() {
    if (!found_.place.is_exact()) return {};
    auto there = sources_.store.spans_at(found_.place, kMostSpansAtAPlace);
    if (!there) return there.error();
    for (const Span& span : *there) {
      if (is_send(span) && !found_.context.valid()) found_.context = analysis::ref_of(span);
      want(span.trace_id);
      for (const evidence::Link& link : span.links)
        if (link.place == found_.place || span.links.size() == 1) want(link.trace_id);
    }
    take(std::move(*there));
    return {};
  }

  // The traces of what is known so far, what links to the message's own, and what these came from.
  Expected<void> look_at_its_traces() {
    if (found_.context.valid()) {
      want(found_.context.trace_id);
      auto linking = sources_.store.spans_linking_to(found_.context.trace_id, kMostSpansOfATrace);
      if (!linking) return linking.error();
      for (const Span& span : *linking) want(span.trace_id);
      take(std::move(*linking));
    }
    for (std::size_t at = 0; at < traces_.size(); ++at) {
      auto spans = sources_.store.spans_of(traces_[at], kMostSpansOfATrace);
      if (!spans) return spans.error();
      for (const Span& span : *spans) {
        // A process span in the trace of the send is one of what it came from.
        if (span.operation == Operation::kProcess)
          for (const evidence::Link& link : span.links) want(link.trace_id);
      }
      take(std::move(*spans));
    }
    learn_from_send();
    return {};
  }

  void learn_from_send() {
    for (const Span& span : found_.spans) {
      const bool is_it = is_send(span) && analysis::ref_of(span) == found_.context;
      if (!is_it) continue;
      sent_ns_ = span.start_ns;
      if (!found_.place.is_exact() && span.place.partition >= 0) found_.place = span.place;
      if (found_.place.topic.empty()) found_.place.topic = span.place.topic;
    }
    if (sent_ns_ != 0) return;
    for (const Span& span : found_.spans)
      if (sent_ns_ == 0 || span.start_ns < sent_ns_) sent_ns_ = span.start_ns;
  }

  // What the groups did in this partition around that time.
  Expected<void> look_at_neighbours() {
    if (found_.place.topic.empty() || found_.place.partition < 0 || sent_ns_ == 0) return {};
    const auto& [topic, partition, offset] = found_.place;
    const auto newest =
        shared_.near_now(topic, partition).newest({sent_ns_ - kBefore, found_.now_ns}, kMostNeighbours);
    if (!newest) return newest.error();
    take(*newest);
    const bool is_all = newest->size() < kMostNeighbours && sent_ns_ + kBefore <= found_.now_ns;
    if (is_all) return {};
    const auto around = shared_.near_message(topic, partition)
                            .newest({sent_ns_ - kBefore, sent_ns_ + kBefore}, kMostNeighbours);
    if (!around) return around.error();
    take(*around);
    return {};
  }

  // Who reads the topic, and how much of it spans tell.
  Expected<void> look_at_groups() {
    if (found_.place.topic.empty()) return {};
    std::set<std::string> groups;
    for (const Span& span : found_.spans)
      if (is_consumer(span) && span.place.topic == found_.place.topic && !span.group.empty())
        groups.insert(span.group);
    const store::Window window{(sent_ns_ == 0 ? found_.now_ns : sent_ns_) - kBefore, found_.now_ns};
    groups.merge(std::set{shared_.groups_in_flow(found_.place.topic, window)});
    const auto lag = shared_.points(
        {.window = window, .metrics = {"kafka.consumer.lag"}, .topic = found_.place.topic}, kMostPoints);
    if (!lag) return lag.error();
    for (const evidence::MetricPoint& point : *lag)
      if (!point.series.group.empty()) groups.insert(point.series.group);
    for (const std::string& group : groups) {
      auto coverage = coverage_of(group, window);
      if (!coverage) return coverage.error();
      found_.groups.push_back({group, *coverage, are_all_traced(group, window), {}});
    }
    return {};
  }

  // How many messages metrics count, and of how many there are spans, until the metrics' last point.
  Expected<analysis::Coverage> coverage_of(const std::string& group, const store::Window& window) {
    analysis::Coverage coverage;
    coverage.from_ns = window.from_ns;
    coverage.until_ns = window.to_ns;
    const auto points = shared_.points({.window = {window.from_ns - kInterval, window.to_ns},
                                        .metrics = {"messaging.client.consumed.messages"},
                                        .topic = found_.place.topic,
                                        .group = group},
                                       kMostPoints);
    if (!points) return points.error();
    const analysis::CounterGrowth counted = analysis::growth_of(*points, {window.from_ns, window.to_ns, 1});
    // Of points that were cut nobody knows how many messages they count.
    if (counted.is_known && points->size() < kMostPoints) {
      coverage.counted = counted.total();
      coverage.until_ns = counted.known_until_ns;
    }
    const auto spans = shared_.consumed(found_.place.topic, group)
                           .newest({coverage.from_ns, coverage.until_ns}, kMostSpansOfAGroup);
    if (!spans) return spans.error();
    add_traced(*spans, coverage);
    learn_processes(group, *spans, *points);
    return coverage;
  }

  // Since when there is telemetry of each process of the group: since its spans, or what its metrics count
  // since.
  void learn_processes(const std::string& group, const std::vector<const Span*>& spans,
                       const std::vector<evidence::MetricPoint>& points) {
    auto& of_group = traced_[group];
    for (const Span* span : spans) {
      auto& began_ns = of_group[span->client_id]
                           .try_emplace(span->service + '/' + span->instance, span->start_ns)
                           .first->second;
      began_ns = std::min(began_ns, span->start_ns);
    }
    for (const evidence::MetricPoint& point : points) {
      if (point.start_ns == 0) continue;
      for (auto& [client_id, processes] : of_group) {
        const auto process = processes.find(point.series.service + '/' + point.series.instance);
        if (process != processes.end()) process->second = std::min(process->second, point.start_ns);
      }
    }
  }

  // Whether each member that brokers named may be a process of its own that told something then already. One
  // that joined twice is two members: then it is not known to be so. None: brokers were not watched since the
  // message was sent.
  std::optional<bool> are_all_traced(const std::string& group, const store::Window& window) {
    const auto members = sources_.groups.members_since(group, sent_ns_ == 0 ? window.from_ns : sent_ns_);
    if (!members) return std::nullopt;
    auto& traced = traced_[group];
    return std::all_of(members->begin(), members->end(), [&](const auto& of_client) {
      return are_covered(of_client.second, traced[of_client.first]);
    });
  }

  using Times = std::map<std::string, std::int64_t>;

  // The earliest process stands for the member that was seen first, and so on.
  static bool are_covered(const Times& members, const Times& processes) {
    if (processes.size() < members.size()) return false;
    const std::vector<std::int64_t> seen = in_order(members);
    const std::vector<std::int64_t> began = in_order(processes);
    for (std::size_t at = 0; at < seen.size(); ++at)
      if (began[at] > seen[at]) return false;
    return true;
  }

  static std::vector<std::int64_t> in_order(const Times& times) {
    std::vector<std::int64_t> all;
    for (const auto& [name, time_ns] : times) all.push_back(time_ns);
    std::sort(all.begin(), all.end());
    return all;
  }

  static void add_traced(const std::vector<const Span*>& spans, analysis::Coverage& coverage) {
    std::array<double, 2> messages{};  // received, processed
    for (const Span* span : spans) {
      messages[span->operation == Operation::kProcess ? 1 : 0] += span->messages;
      coverage.is_sampled = coverage.is_sampled || span->adjusted_count.value_or(1) > 1;
    }
    coverage.traced = messages[1] > 0 ? messages[1] : messages[0];
    // More spans than were looked at: what is known is of the newest ones.
    if (spans.size() == kMostSpansOfAGroup) {
      coverage.from_ns = spans.back()->start_ns;
      coverage.counted.reset();
    }
  }

  Expected<void> look_at_log_records() {
    for (const context::TraceId& trace : traces_) {
      auto records = sources_.store.log_records_of(trace, kMostSpansOfATrace);
      if (!records) return records.error();
      std::move(records->begin(), records->end(), std::back_inserter(found_.log_records));
    }
    return {};
  }

  void ask() {
    const evidence::Place& place = found_.place;
    if (!sources_.brokers.may_ask() || place.topic.empty() || place.partition < 0) return;
    if (const auto& log = shared_.log_of(place.topic, place.partition)) found_.logs.push_back(*log);
    if (place.is_exact()) {
      found_.presence = sources_.brokers.presence_of(place);
      found_.presence_asked_ns = sources_.now_ns();
      if (found_.presence == evidence::Presence::kNotReadable)
        found_.is_compacted = sources_.brokers.is_compacted(place.topic);
    }
    std::size_t asked = 0;
    for (analysis::GroupEvidence& group : found_.groups)
      if (asked++ < kMostGroupsAsked)
        group.committed = shared_.committed(group.group, place.topic, place.partition);
  }

  void want(const context::TraceId& trace) {
    const bool is_known = std::find(traces_.begin(), traces_.end(), trace) != traces_.end();
    if (!is_known && trace.valid() && traces_.size() < kMostTraces) traces_.push_back(trace);
  }

  void take(std::vector<Span> spans) {
    std::move(spans.begin(), spans.end(), std::back_inserter(found_.spans));
  }

  void take(const std::vector<const Span*>& spans) {
    for (const Span* span : spans) found_.spans.push_back(*span);
  }

  const Sources& sources_;
  SharedEvidence& shared_;
  MessageEvidence found_;
  std::vector<context::TraceId> traces_;
  std::map<std::string, std::map<std::string, std::map<std::string, std::int64_t>>>
      traced_;                // of each group and client id the processes
  std::int64_t sent_ns_ = 0;  // about when; 0: not known
};

}  // namespace

MessageSearch::MessageSearch(const Sources& sources, std::int64_t now_ns, std::int64_t earliest_ns)
    : sources_{sources}, now_ns_{now_ns}, shared_{sources, earliest_ns - kBefore - kInterval} {}

Expected<MessageEvidence> MessageSearch::find(const evidence::Place& place, const SpanRef& context,
                                              bool ask_brokers) {
  return Search{sources_, shared_, now_ns_}.run(place, context, ask_brokers);
}

}  // namespace waybill::server
