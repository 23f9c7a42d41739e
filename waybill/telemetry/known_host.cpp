#include "waybill/telemetry/known_host.h"

namespace waybill::telemetry {
namespace {

using segment::DefinitionKind;

// A host has 1,024 clients at once; one that names more is no host of ours.
constexpr std::size_t kMostClients = 16'384;

}  // namespace

Failure KnownHost::failure(std::uint32_t id) {
  const std::string_view text = definitions_.text(id, segment::DefinitionKind::kError);
  const std::size_t end = text.find('\0');
  if (text.empty() || end == std::string_view::npos) return {"_OTHER", "the error's name is not known"};
  return {std::string{text.substr(0, end)}, std::string{text.substr(end + 1)}};
}

ClientView KnownHost::client(std::uint32_t profile, std::uint32_t client) {
  if (profiles_.size() == kMostClients) profiles_.clear();
  std::unique_ptr<ClientProfile>& known = profiles_[profile];
  if (known == nullptr) {
    known = std::make_unique<ClientProfile>(
        parse_client_profile(definitions_.text(profile, DefinitionKind::kClient)));
  }
  const auto cluster = clusters_.find(client);
  return {known.get(), cluster == clusters_.end() ? std::string_view{} : cluster->second.id};
}

bool KnownHost::learn_cluster(const segment::ClientCluster& record, Place place) {
  const auto known = clusters_.find(record.client);
  if (known == clusters_.end() && clusters_.size() == kMostClients) return false;
  const std::string_view id = definitions_.text(record.cluster, DefinitionKind::kCluster);
  if (known != clusters_.end() && known->second.id == id) {
    records_.settle(place);  // nothing new
    return true;
  }
  Cluster& cluster = clusters_[record.client];
  if (cluster.place != kNoPlace) records_.settle(cluster.place);
  cluster = {std::string{id}, place};
  shapes_.clear();
  return true;
}

Place KnownHost::forget_client(std::uint32_t client) {
  const auto cluster = clusters_.find(client);
  if (cluster == clusters_.end()) return kNoPlace;
  const Place place = cluster->second.place;
  clusters_.erase(cluster);
  return place;
}

std::vector<Place> KnownHost::forget_all_clients() {
  std::vector<Place> places;
  for (const auto& [client, cluster] : clusters_) places.push_back(cluster.place);
  clusters_.clear();
  return places;
}

}  // namespace waybill::telemetry
