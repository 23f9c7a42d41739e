#include "waybill/collect/lag_watch.h"

#include <algorithm>
#include <utility>

namespace waybill::collect {
namespace {

// More are not asked: a host can name as many as it wants, and shall not take other users' share.
constexpr std::size_t kMostQueries = 64;
constexpr std::size_t kMostQueriesOfAUser = 16;

// One query for all that connect in the same way. It is no text for a person: there may be secrets in it.
std::string key_of(const WatchedPartition& watched) {
  std::string key = watched.query ? "asked" : "not asked";
  key += '\0' + watched.bootstrap_servers;
  if (!watched.query) return key;
  for (const auto& [name, value] : watched.query->properties)
    key.append(1, '\0').append(name).append(1, '\0').append(value);
  return key;
}

std::map<lag::GroupPartition, std::size_t> owners_of(const std::vector<lag::HostPartition>& partitions) {
  std::map<lag::GroupPartition, std::size_t> owners;
  for (const auto& [of, owner] : lag::newest_owners(partitions))
    owners.emplace(of, static_cast<std::size_t>(owner - partitions.data()));
  return owners;
}

}  // namespace

void LagWatch::update(const std::vector<WatchedPartition>& partitions) {
  if (is_stopped_) return;
  sort_into_clusters(partitions);
  retire_unused();
  for (auto& [key, cluster] : clusters_) {
    if (cluster.wish && !(cluster.started && cluster.wish->is_like(*cluster.started))) start_query(cluster);
    if (cluster.query) cluster.query->watch(cluster.partitions);
  }
}

void LagWatch::sort_into_clusters(const std::vector<WatchedPartition>& partitions) {
  for (auto& [key, cluster] : clusters_) {
    cluster.partitions.clear();
    cluster.hosts.clear();
    cluster.wish.reset();
  }
  for (const WatchedPartition& watched : partitions) {
    const auto [place, is_new] = clusters_.try_emplace(key_of(watched));
    Cluster& cluster = place->second;
    if (is_new) cluster.owner = watched.owner;
    cluster.partitions.push_back(watched.partition);
    cluster.hosts.push_back(watched.host);
    if (watched.query) add_wish(cluster.wish, watched);
  }
}

void LagWatch::add_wish(std::optional<Wish>& wish, const WatchedPartition& watched) {
  if (!wish) wish = Wish{.cluster = *watched.query, .interval = watched.interval};
  wish->all_groups = wish->all_groups || watched.all_groups;
  wish->interval = std::min(wish->interval, watched.interval);
}

bool LagWatch::has_room_for(const Cluster& cluster) {
  std::size_t asked = retired_.size();
  std::size_t of_user = 0;
  for (const auto& [key, one] : clusters_) {
    if (!one.query) continue;
    ++asked;
    if (one.owner == cluster.owner) ++of_user;
  }
  if (asked < kMostQueries && of_user < kMostQueriesOfAUser) return true;
  const std::string user = std::to_string(cluster.owner);
  log_.warning(
      "lag of too many clusters " + user,
      "programs of user " + user + " read from more clusters than are asked how far groups are behind");
  return false;
}

void LagWatch::start_query(Cluster& cluster) {
  retire(cluster);
  if (!has_room_for(cluster)) return;
  const Wish& wish = *cluster.wish;
  cluster.started = wish;
  auto query = lag::LagQuery::start(
      {.survey = {.cluster = wish.cluster, .all_groups = wish.all_groups}, .interval = wish.interval},
      wish.all_groups ? log_ : silent_);
  if (query) {
    cluster.query = std::move(*query);
  } else if (wish.all_groups || !wish.cluster.properties.empty()) {
    const Error& error = query.error();
    log_.warning(
        "lag query",
        "nobody is asked how far groups are behind: " +
            (wish.cluster.properties.empty() ? error : error.with_prefix("WAYBILL_KAFKA_CONFIG")).message);
  }
}

void LagWatch::retire(Cluster& cluster) {
  cluster.started.reset();
  if (!cluster.query) return;
  cluster.query->stop();
  retired_.push_back(std::move(cluster.query));
}

// A cluster that no host reads from any more is asked nothing more.
void LagWatch::retire_unused() {
  std::erase_if(retired_, [](const auto& query) { return query->has_ended(); });
  for (auto& [key, cluster] : clusters_) {
    if (cluster.partitions.empty()) retire(cluster);
  }
  std::erase_if(clusters_, [](const auto& one) { return one.second.partitions.empty(); });
}

void LagWatch::stop() {
  is_stopped_ = true;
  for (const auto& [key, cluster] : clusters_) {
    if (cluster.query) cluster.query->stop();
  }
}

bool LagWatch::has_ended() const {
  const auto cluster_has = [](const auto& one) { return !one.second.query || one.second.query->has_ended(); };
  return std::all_of(clusters_.begin(), clusters_.end(), cluster_has) &&
         std::all_of(retired_.begin(), retired_.end(), [](const auto& query) { return query->has_ended(); });
}

std::map<std::string, std::vector<lag::LagPoint>> LagWatch::of_hosts(const lag::JoinMoment& moment) const {
  std::map<std::string, std::vector<lag::LagPoint>> points;
  for (const auto& [key, cluster] : clusters_) {
    const auto owners = owners_of(cluster.partitions);
    for (lag::LagPoint& point : join(cluster, moment)) {
      const auto owner = owners.find(point.of);
      if (owner == owners.end() || cluster.partitions[owner->second].revoked) continue;
      points[cluster.hosts[owner->second]].push_back(std::move(point));
    }
  }
  return points;
}

std::vector<lag::LagPoint> LagWatch::of_others(const lag::JoinMoment& moment) const {
  std::vector<lag::LagPoint> points;
  for (const auto& [key, cluster] : clusters_) {
    if (!cluster.wish || !cluster.wish->all_groups) continue;
    const auto owners = owners_of(cluster.partitions);
    for (lag::LagPoint& point : join(cluster, moment)) {
      const auto owner = owners.find(point.of);
      if (owner == owners.end() || cluster.partitions[owner->second].revoked)
        points.push_back(std::move(point));
    }
  }
  return points;
}

std::vector<lag::LagPoint> LagWatch::join(const Cluster& cluster, lag::JoinMoment moment) const {
  if (cluster.wish) moment.oldest_answer = 3 * cluster.wish->interval;
  const auto answer = cluster.query ? cluster.query->latest() : nullptr;
  return lag::join_lag(cluster.partitions, answer.get(), moment);
}

}  // namespace waybill::collect
