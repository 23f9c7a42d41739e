#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "waybill/lag/join_lag.h"
#include "waybill/lag/lag_query.h"
#include "waybill/support/log.h"

namespace waybill::collect {

// What a consumer of a host knows of one partition, and whether its brokers may be asked about it.
struct WatchedPartition {
  std::string host;  // a name of the process, for as long as it lives
  uid_t owner = 0;   // its user
  std::string bootstrap_servers;
  lag::HostPartition partition;
  std::optional<lag::ClusterConfig> query;  // none: nobody is asked
  bool all_groups = false;                  // it was wished for, so it is said when nobody answers
  std::chrono::milliseconds interval{10'000};
};

// Keeps one LagQuery for each cluster that hosts read from, and lays its answers beside what the hosts know.
// Never waits for a broker, but in the destructor. Owned by the collector's thread.
class LagWatch {
 public:
  // `log` outlives it.
  explicit LagWatch(Log& log) : log_{log} {}

  // All partitions that consumers of all hosts have by now. Begins to ask, and ceases to.
  void update(const std::vector<WatchedPartition>& partitions);

  // Asks nobody any more; what was answered counts on. Does not wait: has_ended() says whether there still
  // are threads that wait for a broker.
  void stop();
  bool has_ended() const;

  // What is told of each host: of the partitions that its consumers have; sorted.
  std::map<std::string, std::vector<lag::LagPoint>> of_hosts(const lag::JoinMoment& moment) const;

  // What is told of partitions that no host has, in clusters that are asked about all groups.
  std::vector<lag::LagPoint> of_others(const lag::JoinMoment& moment) const;

 private:
  // What the hosts that read from a cluster want together.
  struct Wish {
    lag::ClusterConfig cluster;
    bool all_groups = false;
    std::chrono::milliseconds interval{0};
    bool is_like(const Wish& other) const {  // of the same cluster
      return all_groups == other.all_groups && interval == other.interval;
    }
  };
  struct Cluster {
    std::vector<lag::HostPartition> partitions;
    std::vector<std::string> hosts;        // of each of them
    uid_t owner = 0;                       // of the first
    std::optional<Wish> wish;              // none: nobody is asked
    std::optional<Wish> started;           // what `query` was made of
    std::unique_ptr<lag::LagQuery> query;  // null: nobody is asked, or its properties cannot be used
  };
  using Clusters = std::map<std::string, Cluster>;

  void sort_into_clusters(const std::vector<WatchedPartition>& partitions);
  static void add_wish(std::optional<Wish>& wish, const WatchedPartition& watched);
  bool has_room_for(const Cluster& cluster);
  void start_query(Cluster& cluster);
  void retire(Cluster& cluster);
  void retire_unused();
  std::vector<lag::LagPoint> join(const Cluster& cluster, lag::JoinMoment moment) const;

  Log& log_;
  Log silent_{Log::Level::kNothing};  // for those whose lag nobody has asked for: they know its lower bound
  bool is_stopped_ = false;
  Clusters clusters_;
  std::list<std::unique_ptr<lag::LagQuery>>
      retired_;  // asked to stop; their threads may still wait for a broker
};

}  // namespace waybill::collect
