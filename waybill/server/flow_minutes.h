#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "waybill/analysis/flow_counts.h"
#include "waybill/analysis/span_ref.h"
#include "waybill/evidence/span.h"
#include "waybill/store/store.h"

namespace waybill::server {

// What flowed in each minute, counted as spans come in, so that an hour of millions of spans is a sum of few
// numbers. Ways are joined here: a consumption finds its send among those that came lately, else in the
// store; what comes before its send waits for it. Bounded in memory. Thread-safe.
class FlowMinutes {
 public:
  struct Limits {
    std::size_t keys = 2'000;       // services and topics in a minute; more are not counted
    std::size_t sends = 400'000;    // that are remembered for those who consume them
    std::size_t waiting = 100'000;  // consumptions whose send was not seen yet
    std::int64_t kept_ns = 24 * std::int64_t{3'600'000'000'000};
    std::size_t look_ups = 2'000;  // that wait for look_up()
  };

  // `store` outlives it.
  FlowMinutes(store::Store& store, Limits limits);

  void add(const std::vector<evidence::Span>& spans, std::int64_t now_ns);

  // The window with whole minutes, which end at `now_ns`: what counts() sums, so what rates are of.
  static store::Window whole_minutes(const store::Window& window, std::int64_t now_ns);

  // The sums of the minutes that the window touches. What is older than three hours is kept by the quarter of
  // an hour.
  std::vector<std::pair<analysis::FlowKey, analysis::FlowCounts>> counts(const store::Window& window) const;

  // The same for each of `steps` parts of the window, which are whole minutes: fewer parts if there are
  // fewer.
  struct Step {
    std::int64_t from_ns = 0;
    std::int64_t to_ns = 0;
    std::vector<std::pair<analysis::FlowKey, analysis::FlowCounts>> counts;
  };
  std::vector<Step> steps(const store::Window& window, std::size_t steps) const;

  // The minutes that the window touches: what counts() and groups_of() look at.
  static store::Window minutes_of(const store::Window& window);
  // The groups that consumed from the topic in these.
  std::set<std::string> groups_of(const std::string& topic, const store::Window& window) const;

  // Looks for sends in the store that were not among the latest, at most so many. May take its time: call it
  // now and then, on a thread that may wait.
  void look_up(std::size_t most);

  // Reads the newest spans of the store, at most so many: after a start.
  void rebuild(std::int64_t now_ns, std::size_t most);

  // When the oldest minute begins; 0: there is none.
  std::int64_t begins_ns() const;

 private:
  using Minute = std::map<analysis::FlowKey, analysis::FlowCounts>;
  // Of a send only what its consumers need.
  struct Times {
    std::int64_t start_ns;
    std::int64_t end_ns;
  };
  struct Consumption {
    analysis::FlowKey key;
    std::int64_t minute;
    evidence::Span span;  // without texts
  };

  analysis::FlowCounts* counts_of(std::int64_t minute, const analysis::FlowKey& key);
  void remember(const evidence::Span& sent);
  void join(const evidence::Span& consumed, const analysis::FlowKey& key, std::int64_t minute);
  void count_way(const Times& sent, const evidence::Span& consumed, std::int64_t minute,
                 const analysis::FlowKey& key);
  void forget_old(std::int64_t now_ns);

  store::Store& store_;
  const Limits limits_;
  mutable std::mutex mutex_;  // guards all that follows
  std::map<std::int64_t, Minute> minutes_;
  std::unordered_map<analysis::SpanRef, Times, analysis::SpanRefHash> sends_;
  std::deque<analysis::SpanRef> sends_in_order_;
  std::unordered_multimap<analysis::SpanRef, Consumption, analysis::SpanRefHash> waiting_;
  std::deque<analysis::SpanRef> waiting_in_order_;
  std::deque<analysis::SpanRef> not_looked_up_;
  std::int64_t looked_up_ns_ = 0;
};

}  // namespace waybill::server
