#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "waybill/lag/cluster_connection.h"
#include "waybill/lag/host_partition.h"
#include "waybill/lag/lag_answer.h"
#include "waybill/lag/rest_book.h"
#include "waybill/support/expected.h"
#include "waybill/support/log.h"

namespace waybill::lag {

struct SurveyConfig {
  ClusterConfig cluster;
  bool all_groups = false;  // also those that no host of ours reads for
  std::size_t most_groups = 500;
  std::size_t most_partitions = 10'000;      // of all groups together
  std::chrono::milliseconds timeout{3'000};  // of one question
};

// Asks one cluster how far its groups are behind. Waits for brokers, so it belongs to a thread that may wait;
// owned by one thread.
class ClusterSurvey {
 public:
  // What the hosts know at the moment of the call.
  using Hosts = std::function<std::vector<HostPartition>()>;

  // `log` outlives it. Connects later; the error names a property that cannot be used.
  static Expected<std::unique_ptr<ClusterSurvey>> open(SurveyConfig config, Log& log);

  // One look. The error says why there is no answer at all; what some group or topic refuses is left out.
  Expected<LagAnswer> ask(const Hosts& hosts, const std::stop_token& stop);

 private:
  // Where a group stands in a partition.
  struct Place {
    std::int64_t position = kNoOffset;
    std::int64_t committed = kNoOffset;
    bool read_committed = true;
  };
  using Places = std::map<GroupPartition, Place>;

  // The logs as one isolation level shows them. The connection is made when a group is found that needs it.
  struct View {
    std::unique_ptr<ClusterConnection> connection;
    std::set<TopicPartition> known;
    Offsets starts;
    Offsets ends;
  };

  // What one look has found so far.
  struct Look {
    std::uint64_t time_ns = 0;  // when the log ends were read
    std::uint64_t time_unix_ns = 0;
    Places places;
    std::uint64_t groups_left_out = 0;
    std::uint64_t partitions_left_out = 0;
  };

  ClusterSurvey(SurveyConfig config, std::unique_ptr<ClusterConnection> connection, Log& log);

  View& view(bool read_committed) { return views_[read_committed ? 1 : 0]; }
  std::optional<Error> look_at_logs();
  void look_at_groups(const std::vector<HostPartition>& hosts, Look& look, const std::stop_token& stop);
  std::set<std::string> groups_to_ask(const std::vector<HostPartition>& hosts, const std::stop_token& stop);
  void add_committed(const std::string& group, const Offsets& offsets, Look& look) const;
  void add_hosts(const std::vector<HostPartition>& hosts, Look& look) const;
  bool learn(const Places& places);
  std::optional<Error> connect_where_needed();
  void read_rests(const Places& places, const std::stop_token& stop);
  void read_rests_of(bool read_committed, const Places& places, const std::stop_token& stop);
  std::optional<Rest> rest_of(const GroupPartition& of, const Place& place);
  LagAnswer answer_of(const Look& look);

  SurveyConfig config_;
  Log& log_;
  std::array<View, 2> views_;
  RestBook book_{RestBook::Limits{}};
  std::uint64_t answers_ = 0;
};

}  // namespace waybill::lag
