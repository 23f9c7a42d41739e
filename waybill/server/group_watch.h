#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "waybill/server/broker_view.h"

namespace waybill::server {

// Who was a member of which group since when it looks: brokers know members of which no telemetry comes. One
// thread looks every few seconds; a member that came and went in between is not seen. Thread-safe.
class GroupWatch {
 public:
  // By client ids the members, of which each has another id whenever it joins, and when each was first seen.
  using Members = std::map<std::string, std::map<std::string, std::int64_t>>;

  // `brokers` outlives it.
  explicit GroupWatch(BrokerView& brokers) : brokers_{brokers} {}

  // Asks once about all groups of the cluster. Waits for brokers.
  void look(std::int64_t now_ns);

  // All members of the group since then, also those that have left. None: it did not look all that time.
  std::optional<Members> members_since(const std::string& group, std::int64_t since_ns) const;

 private:
  BrokerView& brokers_;
  mutable std::mutex mutex_;   // guards what follows
  std::int64_t since_ns_ = 0;  // when it began to look without a longer pause; 0: it does not
  std::int64_t looked_ns_ = 0;
  std::map<std::string, Members> members_;
};

}  // namespace waybill::server
