#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "waybill/brokers/own_client.h"
#include "waybill/lag/internal/handle.h"
#include "waybill/lag/topic_partition.h"
#include "waybill/support/expected.h"

namespace waybill::lag {

// Where a cluster is, and how one connects to it.
struct ClusterConfig {
  std::string bootstrap_servers;
  // librdkafka's properties over our own. Values may be secrets: never print them.
  std::vector<std::pair<std::string, std::string>> properties = {};
};

using Offsets = std::map<TopicPartition, std::int64_t>;

// A client of our own that asks brokers and commits nothing: librdkafka without a group. Waits for answers,
// so it belongs to a thread that may wait; no call takes much longer than the timeout. Errors are kNetwork
// when no broker answers, and kNotFound when one refuses. Owned by one thread.
class ClusterConnection {
 public:
  // Connects later, when it asks. The error names a property that cannot be used, but not its value.
  // `timeout`: of one question.
  static Expected<std::unique_ptr<ClusterConnection>> open(const ClusterConfig& config, bool read_committed,
                                                           std::chrono::milliseconds timeout);

  // Where the log of each partition begins and ends; with read_committed it ends at the last stable offset.
  // One request for each broker. Partitions without an answer are left out.
  Expected<Offsets> log_starts(const std::vector<TopicPartition>& of);
  Expected<Offsets> log_ends(const std::vector<TopicPartition>& of);

  // The groups that the cluster knows and we may see.
  Expected<std::vector<std::string>> groups(const std::stop_token& stop);

  struct Member {
    std::string client_id;
    std::string member_id;  // another one each time that it joins
  };
  struct Group {
    std::vector<Member> members;  // that it has now
    bool is_rebalancing = false;  // its members are joining, or wait to be told their partitions
  };
  using Groups = std::map<std::string, Group>;  // by their names
  // What these groups are now. Those that may not be seen are left out.
  Expected<Groups> describe(const std::vector<std::string>& groups, const std::stop_token& stop);

  // The topic's `cleanup.policy`: "delete", "compact", or both with a comma between them.
  Expected<std::string> cleanup_policy(const std::string& topic, const std::stop_token& stop);

  // What the group has committed.
  Expected<Offsets> committed(const std::string& group, const std::stop_token& stop);

  rd_kafka_t* client() { return client_.get(); }

 private:
  ClusterConnection(brokers::Client client, std::chrono::milliseconds timeout);
  Expected<Offsets> list_offsets(const std::vector<TopicPartition>& of, std::int64_t which);
  internal::Options options(rd_kafka_admin_op_t operation);
  // `what` was asked for: an error begins with it.
  Expected<internal::Event> answer(const std::string& what, const std::stop_token& stop);

  brokers::Client client_;
  internal::Queue queue_;  // of answers; empty between calls
  std::chrono::milliseconds timeout_;
};

}  // namespace waybill::lag
