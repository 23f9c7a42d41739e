#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "waybill/lag/cluster_survey.h"
#include "waybill/lag/host_partition.h"
#include "waybill/lag/lag_answer.h"
#include "waybill/support/expected.h"
#include "waybill/support/log.h"

namespace waybill::lag {

struct LagQueryConfig {
  SurveyConfig survey;
  std::chrono::milliseconds interval{10'000};  // between two answers
};

// Asks one cluster again and again how far each group is behind, with connections of its own on a thread of
// its own. While the cluster does not answer it asks less often, says so, and the last answer grows old.
// Thread-safe. The destructor waits for the thread, which waits for a broker for about the timeout at most.
//
//   auto query = LagQuery::start({.survey = {.cluster = {"kafka:9092"}}}, log);
//   (*query)->watch(partitions_of_our_hosts);
//   const auto answer = (*query)->latest();
class LagQuery {
 public:
  // `log` outlives it. The error names a property that cannot be used.
  static Expected<std::unique_ptr<LagQuery>> start(const LagQueryConfig& config, Log& log);
  ~LagQuery();

  // What the hosts know by now, in place of what was said before: whose groups are asked about, and where
  // they stand, which is further than what they have committed. Never waits for a broker.
  void watch(std::vector<HostPartition> partitions);

  // Asks nothing more. Does not wait; when it has ended, the destructor does not either.
  void stop() { thread_.request_stop(); }
  bool has_ended() const { return ended_.load(); }

  // Null: there was no answer yet.
  std::shared_ptr<const LagAnswer> latest() const;

 private:
  LagQuery(const LagQueryConfig& config, std::unique_ptr<ClusterSurvey> survey, Log& log);
  void run(const std::stop_token& stop);
  void wait_for_partitions(const std::stop_token& stop);
  std::chrono::milliseconds ask_once(std::chrono::milliseconds pause, const std::stop_token& stop);
  std::vector<HostPartition> watched() const;

  const std::chrono::milliseconds interval_;
  const std::string cluster_;  // as messages call it
  Log& log_;

  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  std::vector<HostPartition> watched_;  // guarded by mutex_, and the next
  std::shared_ptr<const LagAnswer> latest_;

  std::atomic<bool> ended_ = false;
  std::unique_ptr<ClusterSurvey> survey_;  // of the thread
  std::jthread thread_;
};

}  // namespace waybill::lag
