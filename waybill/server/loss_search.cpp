#include "waybill/server/loss_search.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "waybill/analysis/message_way.h"
#include "waybill/server/consumption.h"
#include "waybill/server/lag_search.h"
#include "waybill/server/message_search.h"
#include "waybill/server/rates.h"

namespace waybill::server {
namespace {

using analysis::GroupReport;
using analysis::GroupTally;
using analysis::LossInput;
using analysis::SendTally;
using evidence::Operation;
using evidence::Span;

constexpr std::size_t kMostFailedSends = 1'000;
constexpr std::size_t kMostSends = 1'000;
constexpr std::size_t kMostExplained = 75;    // of failed sends, and of what was not seen
constexpr std::size_t kMostAsked = 20;        // of these, brokers about
constexpr std::chrono::seconds kPatience{5};  // for all
constexpr std::size_t kMostPoints = 100'000;
constexpr std::size_t kMostSpansAtAPlace = 100;

double weight_of(const Span& span) { return span.adjusted_count.value_or(1); }

class Search {
 public:
  Search(const Sources& sources, const LossQuestion& question, std::int64_t now_ns)
      : sources_{sources}, question_{question}, messages_{sources, now_ns, question.window.from_ns} {}

  Expected<LossInput> run() {
    using Step = Expected<void> (Search::*)();
    for (const Step step : {&Search::read_spans, &Search::count_sends, &Search::count_groups,
                            &Search::name_failed_sends, &Search::name_what_was_not_seen})
      if (const Expected<void> done = (this->*step)(); !done) return done.error();
    return std::move(input_);
  }

 private:
  bool is_wanted_topic(const std::string& topic) const {
    return !topic.empty() && (question_.topic.empty() || question_.topic == topic);
  }
  bool is_wanted_group(const std::string& group) const {
    return !group.empty() && (question_.group.empty() || question_.group == group);
  }

  Expected<std::vector<Span>> search(bool only_failed, std::size_t most) {
    store::SpanQuery query;
    query.window = question_.window;
    query.place.topic = question_.topic;
    query.only_failed = only_failed;
    query.operations = {Operation::kSend, Operation::kCreate};
    query.most = most;
    auto found = sources_.store.search(query);
    if (!found) return found.error();
    // A batch stands for no message of its own where each has a span.
    std::erase_if(found->spans, [](const Span& span) {
      return span.operation == Operation::kSend && !span.links.empty() && span.messages > 1;
    });
    return std::move(found->spans);
  }

  Expected<void> read_spans() {
    auto failed = search(true, kMostFailedSends);
    if (!failed) return failed.error();
    failed_ = std::move(*failed);
    auto sent = search(false, kMostSends);
    if (!sent) return sent.error();
    sent_ = std::move(*sent);
    auto lags = find_lags(sources_, {question_.window, question_.group, question_.topic, 1});
    if (!lags) return lags.error();
    lags_ = std::move(*lags);
    return {};
  }

  Expected<void> count_sends() {
    const auto counters = Counters::read(sources_.store, Counters::kSent, question_.window, question_.topic);
    if (!counters) return counters.error();
    std::set<std::pair<std::string, std::string>> kinds;
    for (const evidence::MetricPoint& point : counters->points())
      if (is_wanted_topic(point.series.topic)) kinds.insert({point.series.topic, point.series.error_type});
    for (const auto& [topic, error] : kinds) {
      const auto growth =
          counters->growth([&, wanted = std::tie(topic, error)](const evidence::Series& series) {
            return std::tie(series.topic, series.error_type) == wanted;
          });
      if (growth.is_known) input_.sends.push_back({topic, error, {}, growth.total(), true});
    }
    count_spans_of_sends();
    return {};
  }

  // What metrics do not tell: what persisted, and topics of which there are spans alone.
  void count_spans_of_sends() {
    std::map<std::tuple<std::string, std::string, evidence::Persistence>, double> failures;
    for (const Span& span : failed_)
      failures[{span.place.topic, span.error_type, span.persistence}] += weight_of(span);
    for (const auto& [kind, messages] : failures)
      input_.sends.push_back({std::get<0>(kind), std::get<1>(kind), std::get<2>(kind), messages, false});
    for (const auto& [key, counts] : flow_) {
      const bool is_send = key.operation == Operation::kSend || key.operation == Operation::kCreate;
      if (is_send && is_wanted_topic(key.topic))
        input_.sends.push_back(
            {key.topic, {}, evidence::Persistence::kPersisted, counts.messages - counts.errors, false});
    }
  }

  Expected<void> count_groups() {
    const auto consumed = Counters::read(sources_.store, Counters::kConsumed, question_.window,
                                         question_.topic, question_.group);
    if (!consumed) return consumed.error();
    const auto processed = Counters::read(sources_.store, Counters::kProcessed, question_.window,
                                          question_.topic, question_.group);
    if (!processed) return processed.error();
    for (const evidence::MetricPoint& point : consumed->points())
      if (is_wanted_topic(point.series.topic) && is_wanted_group(point.series.group))
        tally(point.series.group, point.series.topic);
    for (const auto& [key, counts] : flow_)
      if (is_wanted_topic(key.topic) && is_wanted_group(key.group)) tally(key.group, key.topic);
    for (auto& of : groups_) {
      GroupTally& group = of.second;
      const auto is_its = [&](const evidence::Series& series) {
        return series.group == group.group && series.topic == group.topic;
      };
      const auto growth = consumed->growth(is_its);
      group.processed = growth.is_known ? growth.total() : spans_of(group);
      group.failed =
          processed->growth([&](const auto& series) { return is_its(series) && !series.error_type.empty(); })
              .total();
    }
    return count_lags();
  }

  double spans_of(const GroupTally& group) const {
    double messages = 0;
    for (const auto& [key, counts] : flow_)
      if (key.group == group.group && key.topic == group.topic) messages += counts.messages;
    return messages;
  }

  Expected<void> count_lags() {
    for (const GroupReport& report : lags_) tally(report.group, report.topic).pending = report.lag;
    const auto gone = sources_.store.points({.window = question_.window,
                                             .metrics = {"waybill.lag.gone"},
                                             .topic = question_.topic,
                                             .group = question_.group},
                                            kMostPoints);
    if (!gone) return gone.error();
    // The newest word of each partition: a gauge.
    std::map<std::tuple<std::string, std::string, std::int32_t>, double> newest;
    for (const evidence::MetricPoint& point : *gone)
      newest[{point.series.group, point.series.topic, point.series.partition}] = point.value;
    for (const auto& [of, offsets] : newest)
      if (is_wanted_group(std::get<0>(of))) tally(std::get<0>(of), std::get<1>(of)).gone += offsets;
    for (auto& [name, group] : groups_) input_.groups.push_back(group);
    return {};
  }

  GroupTally& tally(const std::string& group, const std::string& topic) {
    GroupTally& found = groups_[{group, topic}];
    found.group = group;
    found.topic = topic;
    return found;
  }

  Expected<void> name_failed_sends() {
    for (std::size_t at = 0; at < std::min(failed_.size(), kMostExplained); ++at)
      if (const Expected<void> done = explain(failed_[at], false); !done) return done;
    return {};
  }

  // Of what was sent and not seen at a group, and then of what no group is known to read: brokers may have
  // lost it all the same, or its transaction was aborted. What lies behind where the group is waits, and is
  // not asked about.
  Expected<void> name_what_was_not_seen() {
    std::size_t explained = 0;
    for (const bool has_readers : {true, false}) {
      if (!has_readers && !question_.group.empty()) continue;
      for (const Span& span : sent_) {
        if (explained == kMostExplained) break;
        if (span.failed || !span.place.is_exact() || is_read(span.place.topic) != has_readers) continue;
        if (has_readers) {
          const auto is_seen = is_seen_by_all(span.place);
          if (!is_seen) return is_seen.error();
          if (*is_seen) continue;
        }
        if (const Expected<void> done = explain(span, explained < kMostAsked); !done) return done;
        ++explained;
      }
    }
    return {};
  }

  bool is_read(const std::string& topic) const {
    return std::any_of(groups_.begin(), groups_.end(),
                       [&](const auto& of) { return of.second.topic == topic; });
  }

  Expected<bool> is_seen_by_all(const evidence::Place& place) {
    const auto there = sources_.store.spans_at(place, kMostSpansAtAPlace);
    if (!there) return there.error();
    return std::all_of(groups_.begin(), groups_.end(), [&](const auto& of) {
      return of.second.topic != place.topic || waits(of.second, place) || was_seen(of.second.group, *there);
    });
  }

  static bool was_seen(const std::string& group, const std::vector<Span>& spans) {
    return std::any_of(spans.begin(), spans.end(), [&](const Span& span) {
      return span.group == group && span.operation == Operation::kProcess && !span.failed && !span.unfinished;
    });
  }

  bool waits(const GroupTally& group, const evidence::Place& place) const {
    for (const GroupReport& report : lags_) {
      if (report.group != group.group || report.topic != group.topic) continue;
      for (const analysis::PartitionReport& partition : report.partitions)
        if (partition.partition == place.partition && partition.next_offset)
          return place.offset >= *partition.next_offset;
    }
    return false;
  }

  Expected<void> explain(const Span& span, bool ask_brokers) {
    if (std::chrono::steady_clock::now() > until_) return {};
    const auto found = messages_.find(span.place, analysis::ref_of(span), ask_brokers);
    if (!found) return found.error();
    for (analysis::NamedLoss& loss : analysis::losses_of(analysis::explain(*found)))
      if (loss.group.empty() || is_wanted_group(loss.group)) input_.named.push_back(std::move(loss));
    return {};
  }

  const Sources& sources_;
  const LossQuestion& question_;
  MessageSearch messages_;
  const CountedFlow flow_ = count_once(sources_.flow.counts(question_.window));
  std::vector<Span> failed_;
  std::vector<Span> sent_;
  std::vector<GroupReport> lags_;
  std::map<std::pair<std::string, std::string>, GroupTally> groups_;
  const std::chrono::steady_clock::time_point until_ = std::chrono::steady_clock::now() + kPatience;
  LossInput input_;
};

}  // namespace

Expected<LossInput> find_losses(const Sources& sources, const LossQuestion& question, std::int64_t now_ns) {
  return Search{sources, question, now_ns}.run();
}

}  // namespace waybill::server
