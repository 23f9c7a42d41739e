#include "waybill/lag/choose_cluster.h"

#include <algorithm>
#include <string_view>

namespace waybill::lag {
namespace {

using Mode = QueryPermission::Mode;

constexpr std::string_view kServers = "bootstrap.servers";

bool are_for(const ClientConnection& client, const QueryPermission& permission) {
  const auto& properties = permission.properties;
  if (properties.empty()) return false;
  const auto named = std::find_if(properties.begin(), properties.end(),
                                  [](const auto& property) { return property.first == kServers; });
  if (named != properties.end()) return named->second == client.bootstrap_servers;
  return permission.same_user;
}

ClusterConfig with_properties(const ClientConnection& client, const QueryPermission& permission) {
  ClusterConfig config{.bootstrap_servers = client.bootstrap_servers, .properties = permission.properties};
  std::erase_if(config.properties, [](const auto& property) { return property.first == kServers; });
  return config;
}

}  // namespace

std::optional<ClusterConfig> choose_cluster(const ClientConnection& client,
                                            const QueryPermission& permission) {
  if (permission.mode == Mode::kOff || client.bootstrap_servers.empty()) return std::nullopt;
  if (permission.mode == Mode::kOn && are_for(client, permission)) return with_properties(client, permission);
  if (client.security_protocol == "plaintext")
    return ClusterConfig{.bootstrap_servers = client.bootstrap_servers, .properties = {}};
  return std::nullopt;
}

}  // namespace waybill::lag
