#include "waybill/lag/cluster_survey.h"

#include <algorithm>
#include <utility>

#include "waybill/base/clock.h"
#include "waybill/lag/rest_reader.h"

namespace waybill::lag {
namespace {

// A record may come from a clock that is ahead of ours.
std::optional<double> age_of(const RestBook::Counted& counted, std::uint64_t now_unix_ns) {
  if (counted.messages == 0) return 0;
  if (counted.oldest_ms < 0) return std::nullopt;
  return std::max(0.0, static_cast<double>(now_unix_ns) / 1e9 - static_cast<double>(counted.oldest_ms) / 1e3);
}

}  // namespace

Expected<std::unique_ptr<ClusterSurvey>> ClusterSurvey::open(SurveyConfig config, Log& log) {
  auto connection = ClusterConnection::open(config.cluster, true, config.timeout);
  if (!connection) return connection.error();
  return std::unique_ptr<ClusterSurvey>{new ClusterSurvey{std::move(config), std::move(*connection), log}};
}

ClusterSurvey::ClusterSurvey(SurveyConfig config, std::unique_ptr<ClusterConnection> connection, Log& log)
    : config_{std::move(config)}, log_{log} {
  view(true).connection = std::move(connection);
}

// Ends first and positions after them, so that what is consumed in between makes no lag that never was. A
// partition that is new has its end asked for in a second pass.
Expected<LagAnswer> ClusterSurvey::ask(const Hosts& hosts, const std::stop_token& stop) {
  Look look;
  for (int pass = 0; pass < 2; ++pass) {
    look = {};
    if (auto error = look_at_logs()) return *std::move(error);
    look.time_ns = base::monotonic_ns();
    look.time_unix_ns = base::realtime_ns();
    look_at_groups(hosts(), look, stop);
    if (!learn(look.places)) break;
    if (auto error = connect_where_needed()) return *std::move(error);
  }
  read_rests(look.places, stop);
  LagAnswer answer = answer_of(look);
  book_.end_round();
  return answer;
}

std::optional<Error> ClusterSurvey::look_at_logs() {
  for (View& view : views_) {
    if (!view.connection) continue;
    const std::vector<TopicPartition> known{view.known.begin(), view.known.end()};
    Expected<Offsets> starts = view.connection->log_starts(known);
    if (!starts) return starts.error();
    Expected<Offsets> ends = view.connection->log_ends(known);
    if (!ends) return ends.error();
    view.starts = std::move(*starts);
    view.ends = std::move(*ends);
  }
  return std::nullopt;
}

void ClusterSurvey::look_at_groups(const std::vector<HostPartition>& hosts, Look& look,
                                   const std::stop_token& stop) {
  bool answers = true;
  for (const std::string& group : groups_to_ask(hosts, stop)) {
    if (!answers) {
      ++look.groups_left_out;
      continue;
    }
    const Expected<Offsets> offsets = view(true).connection->committed(group, stop);
    if (offsets) {
      add_committed(group, *offsets, look);
      continue;
    }
    ++look.groups_left_out;
    log_.warning("lag of a group " + group,
                 "what group " + group + " has committed is not known: " + offsets.error().message);
    // Who waits for one group in vain does not wait for the next.
    answers = offsets.error().code != Error::Code::kNetwork;
  }
  add_hosts(hosts, look);
}

std::set<std::string> ClusterSurvey::groups_to_ask(const std::vector<HostPartition>& hosts,
                                                   const std::stop_token& stop) {
  std::set<std::string> groups;
  const auto add = [&](const std::string& group) {
    if (groups.size() < config_.most_groups) groups.insert(group);
  };
  for (const HostPartition& host : hosts) add(host.of.group);
  if (!config_.all_groups) return groups;
  const Expected<std::vector<std::string>> all = view(true).connection->groups(stop);
  if (!all) {
    log_.warning("lag of all groups",
                 "the lag of groups outside of Waybill is not known: " + all.error().message);
    return groups;
  }
  std::for_each(all->begin(), all->end(), add);
  return groups;
}

void ClusterSurvey::add_committed(const std::string& group, const Offsets& offsets, Look& look) const {
  for (const auto& [at, offset] : offsets) {
    if (look.places.size() >= config_.most_partitions) {
      ++look.partitions_left_out;
      continue;
    }
    look.places.insert_or_assign({group, at}, Place{.position = offset, .committed = offset});
  }
}

// Where a host of ours reads, it knows better than its last commit where it is; and how its group reads.
void ClusterSurvey::add_hosts(const std::vector<HostPartition>& hosts, Look& look) const {
  std::map<std::string, bool> read_committed;
  for (const HostPartition& host : hosts) read_committed[host.of.group] = host.read_committed;
  for (auto& [of, place] : look.places) {
    if (const auto said = read_committed.find(of.group); said != read_committed.end())
      place.read_committed = said->second;
  }
  const std::uint64_t now_ns = base::monotonic_ns();
  for (const auto& [of, owner] : newest_owners(hosts)) {
    if (owner->position < 0 || !is_owner(*owner, now_ns)) continue;
    if (look.places.size() >= config_.most_partitions && !look.places.contains(of)) {
      ++look.partitions_left_out;
      continue;
    }
    Place& place = look.places[of];
    place.position = owner->position;
    place.read_committed = owner->read_committed;
  }
}

// True if there is a partition whose log was not looked at.
bool ClusterSurvey::learn(const Places& places) {
  std::array<std::set<TopicPartition>, 2> known;
  for (const auto& [of, place] : places) known[place.read_committed ? 1 : 0].insert(of.at);
  bool news = false;
  for (std::size_t i = 0; i < views_.size(); ++i) {
    news = news ||
           !std::includes(views_[i].known.begin(), views_[i].known.end(), known[i].begin(), known[i].end());
    views_[i].known = std::move(known[i]);
  }
  return news;
}

std::optional<Error> ClusterSurvey::connect_where_needed() {
  View& uncommitted = view(false);
  if (uncommitted.known.empty() || uncommitted.connection) return std::nullopt;
  auto connection = ClusterConnection::open(config_.cluster, false, config_.timeout);
  if (!connection) return connection.error();
  uncommitted.connection = std::move(*connection);
  return std::nullopt;
}

void ClusterSurvey::read_rests(const Places& places, const std::stop_token& stop) {
  for (const bool read_committed : {true, false}) {
    if (view(read_committed).connection) read_rests_of(read_committed, places, stop);
  }
}

void ClusterSurvey::read_rests_of(bool read_committed, const Places& places, const std::stop_token& stop) {
  std::set<Rest> rests;
  for (const auto& [of, place] : places) {
    if (place.read_committed != read_committed) continue;
    if (auto rest = rest_of(of, place)) rests.insert(*std::move(rest));
  }
  std::vector<Rest> asked;
  std::vector<ReadRequest> requests;
  for (const Rest& rest : rests) {
    const auto request = book_.plan(rest, view(read_committed).ends.at(rest.at), RestBook::Clock::now());
    if (!request) continue;
    asked.push_back(rest);
    requests.push_back(*request);
  }
  RestReader reader{*view(read_committed).connection, RestReader::Limits{}};
  const std::vector<ReadResult> results = reader.read(requests, stop);
  for (std::size_t i = 0; i < results.size(); ++i) book_.add(asked[i], requests[i], results[i]);
}

// None: there is nothing before the group, or nobody knows the log.
std::optional<Rest> ClusterSurvey::rest_of(const GroupPartition& of, const Place& place) {
  const View& logs = view(place.read_committed);
  const auto start = logs.starts.find(of.at);
  const auto end = logs.ends.find(of.at);
  if (start == logs.starts.end() || end == logs.ends.end()) return std::nullopt;
  const std::int64_t from = std::max(place.position, start->second);
  if (from >= end->second) return std::nullopt;
  return Rest{.at = of.at, .from = from, .read_committed = place.read_committed};
}

LagAnswer ClusterSurvey::answer_of(const Look& look) {
  LagAnswer answer{.number = ++answers_,
                   .measured_ns = look.time_ns,
                   .measured_unix_ns = look.time_unix_ns,
                   .groups_left_out = look.groups_left_out,
                   .partitions_left_out = look.partitions_left_out,
                   .lags = {}};
  for (const auto& [of, place] : look.places) {
    const View& logs = view(place.read_committed);
    const auto start = logs.starts.find(of.at);
    const auto end = logs.ends.find(of.at);
    if (start == logs.starts.end() || end == logs.ends.end()) {
      ++answer.partitions_left_out;
      continue;
    }
    GroupLag lag{.of = of, .position = place.position, .committed = place.committed, .log_end = end->second};
    lag.offsets_gone = static_cast<std::uint64_t>(std::max<std::int64_t>(0, start->second - place.position));
    RestBook::Counted counted;
    if (const auto rest = rest_of(of, place)) counted = book_.count(*rest, end->second);
    lag.messages = counted.messages;
    lag.uncounted = counted.uncounted;
    lag.seconds = age_of(counted, answer.measured_unix_ns);
    answer.lags.push_back(std::move(lag));
  }
  return answer;
}

}  // namespace waybill::lag
