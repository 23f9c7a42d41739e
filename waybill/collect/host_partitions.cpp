#include <unistd.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "waybill/collect/host.h"
#include "waybill/lag/choose_cluster.h"
#include "waybill/telemetry/client_profile.h"

// Where a host's consumers stand in their partitions.
namespace waybill::collect {
namespace {

using configure::LagQueryMode;
using Mode = lag::QueryPermission::Mode;

lag::QueryPermission permission_of(const configure::Settings& settings, bool same_user) {
  lag::QueryPermission permission{.properties = settings.kafka.properties, .same_user = same_user};
  if (settings.lag.query == LagQueryMode::kOn) permission.mode = Mode::kOn;
  if (settings.lag.query == LagQueryMode::kOff) permission.mode = Mode::kOff;
  return permission;
}

// What the partitions of one client share.
struct Consumer {
  telemetry::ClientProfile profile;
  std::optional<lag::ClusterConfig> query;
};

Consumer consumer_of(std::string_view profile, const lag::QueryPermission& permission) {
  Consumer consumer{telemetry::parse_client_profile(profile), std::nullopt};
  consumer.query =
      lag::choose_cluster({consumer.profile.servers, consumer.profile.security_protocol}, permission);
  return consumer;
}

// What the cell says at one moment. Its position is told anew with every look after a poll, so that is also
// the last sign that the client has the partition.
lag::HostPartition partition_of(const segment::PartitionCell& cell, std::string_view topic,
                                const telemetry::ClientProfile& client) {
  lag::HostPartition partition;
  partition.of = {client.group_id, {std::string{topic}, cell.partition}};
  partition.position = cell.position;
  partition.cached_log_end = cell.log_end;
  partition.log_end_read_ns = cell.log_end_ns;
  partition.assigned_ns = partition.last_poll_ns = cell.position_ns;
  if (client.max_poll_interval_ms > 0)
    partition.max_poll_interval_ns = static_cast<std::uint64_t>(client.max_poll_interval_ms) * 1'000'000;
  partition.read_committed = client.isolation_level != "read_uncommitted";
  partition.revoked = cell.revoked != 0;
  return partition;
}

}  // namespace

std::vector<WatchedPartition> Host::watched_partitions() {
  const bool same_user = owner_ == geteuid();
  const configure::LagSettings& wanted = resolved_.settings.lag;
  const lag::QueryPermission permission = permission_of(resolved_.settings, same_user);
  std::map<std::uint32_t, Consumer> consumers;  // by definition
  std::vector<WatchedPartition> watched;
  reader_.refresh();
  reader_.for_each_partition([&](const segment::PartitionCell& cell) {
    const auto [place, is_new] = consumers.try_emplace(cell.profile);
    Consumer& consumer = place->second;
    if (is_new)
      consumer = consumer_of(definitions_.text(cell.profile, segment::DefinitionKind::kClient), permission);
    const std::string_view topic = definitions_.text(cell.topic, segment::DefinitionKind::kTopic);
    // Without a group there is nobody to be behind.
    if (consumer.profile.group_id.empty() || topic.empty() || cell.partition < 0) return;
    watched.push_back({.host = name_,
                       .owner = owner_,
                       .bootstrap_servers = consumer.profile.servers,
                       .partition = partition_of(cell, topic, consumer.profile),
                       .query = consumer.query,
                       .all_groups = same_user && wanted.query == LagQueryMode::kOn,
                       .interval = wanted.interval});
  });
  return watched;
}

}  // namespace waybill::collect
