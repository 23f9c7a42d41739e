#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "waybill/lag/cluster_connection.h"

namespace waybill::lag {

// How a consumer in a host connects, as its configuration says.
struct ClientConnection {
  std::string bootstrap_servers;
  std::string security_protocol;  // librdkafka's: "plaintext", "ssl", …; empty: not known
};

// What the collecting process may do for a host.
struct QueryPermission {
  enum class Mode { kAuto, kOn, kOff } mode = Mode::kAuto;  // WAYBILL_LAG_QUERY
  // WAYBILL_KAFKA_CONFIG. Secrets may be among them.
  std::vector<std::pair<std::string, std::string>> properties = {};
  bool same_user = true;  // the host is of the user who collects
};

// Where to ask for that consumer's groups, and how; none: nobody is asked. What is secret of the collecting
// process goes only to brokers that its own user named: in the properties, or with a program of its own.
std::optional<ClusterConfig> choose_cluster(const ClientConnection& client,
                                            const QueryPermission& permission);

}  // namespace waybill::lag
