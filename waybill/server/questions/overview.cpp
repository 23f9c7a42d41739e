#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "waybill/server/consumption.h"
#include "waybill/server/lag_search.h"
#include "waybill/server/questions/questions.h"
#include "waybill/server/questions/shapes.h"
#include "waybill/server/rates.h"

namespace waybill::server {
namespace {

using analysis::FlowCounts;
using analysis::FlowKey;
using analysis::LatencyHistogram;
using evidence::Operation;

constexpr std::size_t kSteps = 60;
constexpr std::size_t kMostChanges = 10;

double seconds_of(const store::Window& window) {
  return static_cast<double>(window.to_ns - window.from_ns) / 1e9;
}

struct Topic {
  std::optional<double> sent_per_s;
  std::optional<double> consumed_per_s;
  double failed = 0;
  LatencyHistogram end_to_end;
};

// What happened in one window.
struct Facts {
  store::Window window;
  bool is_from_metrics = false;
  bool is_unscaled = false;  // some spans stand for an unknown number of others
  std::optional<double> sent_per_s;
  std::optional<double> consumed_per_s;
  std::optional<double> failed_per_s;
  LatencyHistogram end_to_end;
  std::map<std::string, Topic> topics;
  std::vector<analysis::GroupReport> lags;
  std::optional<double> lag;
};

void add(std::optional<double>& rate, std::optional<double> more) {
  if (more) rate = rate.value_or(0) + *more;
}

// What spans say, scaled, of services that tell no metrics.
void add_spans(const Sources& sources, const std::set<std::string>& with_metrics, Facts& facts) {
  const double seconds = seconds_of(facts.window);
  for (const auto& [key, counts] : count_once(sources.flow.counts(facts.window))) {
    Topic& topic = facts.topics[key.topic];
    topic.end_to_end.merge(counts.end_to_end);
    facts.end_to_end.merge(counts.end_to_end);
    if (with_metrics.contains(key.service)) continue;
    facts.is_unscaled = facts.is_unscaled || counts.unscaled > 0;
    add(is_send(key) ? topic.sent_per_s : topic.consumed_per_s, counts.messages / seconds);
    add(is_send(key) ? facts.sent_per_s : facts.consumed_per_s, counts.messages / seconds);
    if (!is_send(key)) continue;
    topic.failed += counts.errors;
    add(facts.failed_per_s, counts.errors / seconds);
  }
}

std::set<std::string> topics_of(const Counters& counters) {
  std::set<std::string> topics;
  for (const evidence::MetricPoint& point : counters.points()) topics.insert(point.series.topic);
  topics.erase("");
  return topics;
}

// What metrics say counts everything. The services that tell them.
Expected<std::set<std::string>> add_metrics(const Sources& sources, Facts& facts) {
  const auto sent = Counters::read(sources.store, Counters::kSent, facts.window);
  if (!sent) return sent.error();
  const auto consumed = Counters::read(sources.store, Counters::kConsumed, facts.window);
  if (!consumed) return consumed.error();
  const auto is_of = [](const std::string& name) {
    return [&name](const evidence::Series& series) { return series.topic == name; };
  };
  const auto has_failed = [](const evidence::Series& series) { return !series.error_type.empty(); };
  for (const std::string& name : topics_of(*sent)) {
    const auto failed =
        sent->growth([&](const auto& series) { return series.topic == name && has_failed(series); });
    const std::optional<double> rate = sent->per_second(sent->growth(is_of(name)));
    add(facts.topics[name].sent_per_s, rate);
    add(facts.sent_per_s, rate);
    facts.topics[name].failed += failed.total();
    add(facts.failed_per_s, sent->per_second(failed).value_or(0));
    facts.is_from_metrics = facts.is_from_metrics || rate.has_value();
  }
  for (const std::string& name : topics_of(*consumed)) {
    const std::optional<double> rate = consumed->per_second(consumed->growth(is_of(name)));
    add(facts.topics[name].consumed_per_s, rate);
    add(facts.consumed_per_s, rate);
  }
  std::set<std::string> services;
  for (const Counters* counters : {&*sent, &*consumed})
    for (const evidence::MetricPoint& point : counters->points()) services.insert(point.series.service);
  return services;
}

Expected<Facts> find_facts(const Sources& sources, const store::Window& window) {
  Facts facts;
  facts.window = window;
  const auto with_metrics = add_metrics(sources, facts);
  if (!with_metrics) return with_metrics.error();
  add_spans(sources, *with_metrics, facts);
  auto lags = find_lags(sources, {window, {}, {}});
  if (!lags) return lags.error();
  facts.lags = std::move(*lags);
  for (const analysis::GroupReport& report : facts.lags) facts.lag = facts.lag.value_or(0) + report.lag;
  return facts;
}

Json now_and_before(const std::optional<double>& now, const std::optional<double>& before) {
  return {{"now", or_null(now)}, {"before", or_null(before)}};
}

Json totals_of(const Facts& now, const Facts& before) {
  const auto percentile = [&](double fraction) {
    return now_and_before(now.end_to_end.percentile(fraction), before.end_to_end.percentile(fraction));
  };
  return {{"sent_per_s", now_and_before(now.sent_per_s, before.sent_per_s)},
          {"consumed_per_s", now_and_before(now.consumed_per_s, before.consumed_per_s)},
          {"failed_per_s", now_and_before(now.failed_per_s, before.failed_per_s)},
          {"end_to_end_p50_ms", percentile(0.5)},
          {"end_to_end_p95_ms", percentile(0.95)},
          {"end_to_end_p99_ms", percentile(0.99)},
          {"lag", now_and_before(now.lag, before.lag)}};
}

// A curve in steps of whole minutes, from spans: metrics come once a minute, too.
Json series_of(const Sources& sources, const store::Window& window) {
  Json sent = Json::array();
  Json consumed = Json::array();
  Json failed = Json::array();
  Json latency = Json::array();
  const auto steps = sources.flow.steps(window, kSteps);
  const std::int64_t begins_ns = sources.flow.begins_ns();
  for (const FlowMinutes::Step& step : steps) {
    const double seconds = static_cast<double>(std::min(step.to_ns, window.to_ns) - step.from_ns) / 1e9;
    double sums[3] = {};
    LatencyHistogram end_to_end;
    for (const auto& [key, counts] : count_once(step.counts)) {
      sums[is_send(key) ? 0 : 1] += counts.messages;
      if (is_send(key)) sums[2] += counts.errors;
      end_to_end.merge(counts.end_to_end);
    }
    const bool is_known = begins_ns != 0 && step.to_ns > begins_ns;
    const auto rate = [&](double sum) { return is_known ? Json(sum / seconds) : Json(nullptr); };
    sent.push_back(rate(sums[0]));
    consumed.push_back(rate(sums[1]));
    failed.push_back(rate(sums[2]));
    latency.push_back(or_null(end_to_end.percentile(0.95)));
  }
  const bool is_empty = steps.empty();
  return {{"start_ms", ms_of(is_empty ? window.from_ns : steps.front().from_ns)},
          {"step_ms", is_empty ? 60'000.0 : ms_of(steps.front().to_ns - steps.front().from_ns)},
          {"sent_per_s", sent},
          {"consumed_per_s", consumed},
          {"failed_per_s", failed},
          {"end_to_end_p95_ms", latency}};
}

Json topics_of(const Facts& facts) {
  std::vector<std::pair<double, Json>> rows;
  for (const auto& [name, topic] : facts.topics) {
    rows.emplace_back(topic.end_to_end.percentile(0.95).value_or(-1),
                      Json{{"topic", name},
                           {"sent_per_s", or_null(topic.sent_per_s)},
                           {"consumed_per_s", or_null(topic.consumed_per_s)},
                           {"failed", topic.failed},
                           {"end_to_end", json_of(topic.end_to_end.percentiles())}});
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& one, const auto& other) { return one.first > other.first; });
  Json all = Json::array();
  for (auto& [latency, row] : rows) all.push_back(std::move(row));
  return all;
}

Json groups_of(const Facts& facts) {
  Json all = Json::array();
  for (const analysis::GroupReport& report : facts.lags) {
    all.push_back({{"group", report.group},
                   {"topic", report.topic},
                   {"lag", report.lag},
                   {"lag_time_ms", or_null(report.lag_time_ms)},
                   {"state", analysis::name_of(report.state)},
                   {"is_lower_bound", report.is_lower_bound}});
  }
  return all;
}

// One difference between the two windows. `weight`: how many times larger the one is than the other.
struct Change {
  double weight;
  Json json;
};

std::string rounded(double value) {
  char text[32];
  std::snprintf(text, sizeof text, value < 10 ? "%.2g" : "%.0f", value);
  return text;
}

class Changes {
 public:
  void compare(const char* what, const std::string& name, std::optional<double> now,
               std::optional<double> before, const std::string& unit, double least) {
    if (!now || !before || std::max(*now, *before) < least) return;
    const double weight = std::abs(std::log((*now + least / 10) / (*before + least / 10)));
    if (weight < std::log(1.5)) return;  // so much comes and goes
    add(weight, what, name, now, before, name + ": " + rounded(*before) + " → " + rounded(*now) + ' ' + unit);
  }
  void add(double weight, const char* what, const std::string& name, std::optional<double> now,
           std::optional<double> before, const std::string& text) {
    all_.push_back({weight,
                    {{"what", what},
                     {"name", name},
                     {"now", or_null(now)},
                     {"before", or_null(before)},
                     {"text", text}}});
  }
  Json take() {
    std::stable_sort(all_.begin(), all_.end(),
                     [](const auto& one, const auto& other) { return one.weight > other.weight; });
    Json json = Json::array();
    for (std::size_t at = 0; at < std::min(kMostChanges, all_.size()); ++at)
      json.push_back(std::move(all_[at].json));
    return json;
  }

 private:
  std::vector<Change> all_;
};

std::optional<double> lag_of(const Facts& facts, const analysis::GroupReport& of) {
  for (const analysis::GroupReport& report : facts.lags)
    if (report.group == of.group && report.topic == of.topic) return report.lag;
  return std::nullopt;
}

Json changes_of(const Facts& now, const Facts& before) {
  constexpr double kComesAndGoes = 3;  // as much as twenty times more
  Changes changes;
  for (const auto& [name, topic] : now.topics) {
    const auto old = before.topics.find(name);
    if (old == before.topics.end()) {
      if (!before.topics.empty())
        changes.add(kComesAndGoes, "appeared", name, topic.sent_per_s, {}, name + " appeared");
      continue;
    }
    changes.compare("rate", name, topic.sent_per_s, old->second.sent_per_s, "messages/s", 1);
    changes.compare("errors", name, topic.failed, old->second.failed, "failed", 1);
    changes.compare("latency", name, topic.end_to_end.percentile(0.95),
                    old->second.end_to_end.percentile(0.95), "ms end to end (p95)", 1);
  }
  for (const auto& [name, topic] : before.topics)
    if (!now.topics.contains(name))
      changes.add(kComesAndGoes, "vanished", name, {}, topic.sent_per_s, name + " vanished");
  for (const analysis::GroupReport& report : now.lags)
    changes.compare("lag", report.group, report.lag, lag_of(before, report), "messages behind", 10);
  return changes.take();
}

}  // namespace

Answer answer_overview(const Sources& sources, Parameters& parameters) {
  const store::Window asked = parameters.window();
  if (!parameters.what_is_wrong().empty()) return refuse(400, parameters.what_is_wrong());
  const store::Window window = FlowMinutes::whole_minutes(asked, parameters.now_ns());
  const auto now = find_facts(sources, window);
  if (!now) return refuse(503, now.error().message);
  const std::int64_t length_ns = window.to_ns - window.from_ns;
  const auto before = find_facts(
      sources, {FlowMinutes::whole_minutes({window.from_ns - length_ns, window.from_ns - 1}, 0).from_ns,
                window.from_ns - 1});
  if (!before) return refuse(503, before.error().message);
  return ok({{"window", json_of(window)},
             {"source", now->is_from_metrics ? "metrics"
                        : now->is_unscaled   ? "spans (unscaled)"
                                             : "spans"},
             {"totals", totals_of(*now, *before)},
             {"series", series_of(sources, window)},
             {"topics", topics_of(*now)},
             {"groups", groups_of(*now)},
             {"changes", changes_of(*now, *before)}});
}

}  // namespace waybill::server
