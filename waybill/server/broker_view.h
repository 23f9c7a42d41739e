#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "waybill/evidence/broker_answer.h"
#include "waybill/evidence/place.h"
#include "waybill/lag/cluster_connection.h"
#include "waybill/server/recent_answers.h"
#include "waybill/support/expected.h"

namespace waybill::server {

struct BrokerViewConfig {
  std::string bootstrap_servers;  // empty: nobody is asked
  // librdkafka's properties. Values may be secrets: never print them.
  std::vector<std::pair<std::string, std::string>> properties = {};
};

// What the server may ask the brokers of one cluster: how far a log reaches, what groups have committed,
// whether a record is there, and whether a topic is compacted. It joins no group and commits nothing. An
// answer that does not come within seconds is none. Thread-safe: one asks at a time.
class BrokerView {
 public:
  explicit BrokerView(BrokerViewConfig config);
  ~BrokerView();
  BrokerView(const BrokerView&) = delete;
  BrokerView& operator=(const BrokerView&) = delete;

  bool may_ask() const { return !config_.bootstrap_servers.empty(); }
  const std::string& servers() const { return config_.bootstrap_servers; }
  // Why the last question had no answer; empty: it had one.
  std::string last_error() const;

  std::optional<evidence::PartitionLog> log_of(const std::string& topic, std::int32_t partition);
  std::vector<evidence::CommittedOffset> committed(const std::string& group, const std::string& topic,
                                                   std::int32_t partition);
  // What each group of the cluster is now, at most so many groups. None: nobody answered, or nobody may be
  // asked.
  std::optional<lag::ClusterConnection::Groups> groups(std::size_t most);
  // Whether the topic keeps only the last record of a key. An answer counts for a minute, also that there is
  // none.
  std::optional<bool> is_compacted(const std::string& topic);
  // Reads the record. Needs the place to be exact.
  evidence::Presence presence_of(const evidence::Place& place);

 private:
  struct Connections;
  Connections* connect();
  void remember(const Error& error);
  void forget_error();
  bool is_silent() const;  // nobody answered lately: then nobody is asked for a while

  const BrokerViewConfig config_;
  std::mutex asking_;  // one at a time; guards the two below
  std::unique_ptr<Connections> connections_;
  RecentAnswers<std::string, std::optional<bool>> compacted_{std::chrono::seconds{60}, 1'000};
  mutable std::mutex error_mutex_;  // guards the two below
  std::string error_;
  std::chrono::steady_clock::time_point silent_until_{};
};

}  // namespace waybill::server
