#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "waybill/lag/cluster_connection.h"
#include "waybill/server/broker_view.h"

namespace waybill::server {

// Who was a member of which group since when it looks, and when partitions last changed hands: brokers know
// members of which no telemetry comes, and clients tell nothing of rebalances. One thread looks every few
// seconds; what came and went in between is not seen. Thread-safe.
class GroupWatch {
 public:
  // By client ids the members, of which each has another id whenever it joins, and when each was first seen.
  using Members = std::map<std::string, std::map<std::string, std::int64_t>>;

  // `brokers` outlives it.
  explicit GroupWatch(BrokerView& brokers) : brokers_{brokers} {}

  // Asks once about all groups of the cluster. Waits for brokers.
  void look(std::int64_t now_ns);
  // What was seen then.
  void learn(const lag::ClusterConnection::Groups& groups, std::int64_t now_ns);

  // All members of the group since then, also those that have left. None: it did not look all that time.
  std::optional<Members> members_since(const std::string& group, std::int64_t since_ns) const;

  // When the group was last seen in a rebalance; or, where that was over at the next look, when the look
  // before it was: since then it has other members. None: neither was seen, or it has no member now.
  std::optional<std::int64_t> last_rebalance_ns(const std::string& group) const;

 private:
  struct Seen {
    Members ever;
    std::set<std::string> now;  // ids of the members at the last look
    std::optional<std::int64_t> rebalance_ns;
  };
  void learn_of(const lag::ClusterConnection::Group& group, std::int64_t now_ns, Seen& seen) const;

  BrokerView& brokers_;
  mutable std::mutex mutex_;   // guards what follows
  std::int64_t since_ns_ = 0;  // when it began to look without a longer pause; 0: it does not
  std::int64_t looked_ns_ = 0;
  std::map<std::string, Seen> groups_;
};

}  // namespace waybill::server
