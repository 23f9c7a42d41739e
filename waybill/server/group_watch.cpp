#include "waybill/server/group_watch.h"

namespace waybill::server {
namespace {

constexpr std::int64_t kLongestPause = 15'000'000'000;
constexpr std::size_t kMostGroups = 500;
constexpr std::size_t kMostMembers = 1'000;  // that were ever seen of a group

std::size_t count_of(const GroupWatch::Members& members) {
  std::size_t count = 0;
  for (const auto& [client_id, ids] : members) count += ids.size();
  return count;
}

}  // namespace

void GroupWatch::look(std::int64_t now_ns) {
  const auto found = brokers_.group_members(kMostGroups);
  const std::lock_guard lock{mutex_};
  if (!found) return;
  if (since_ns_ == 0 || now_ns - looked_ns_ > kLongestPause) {
    since_ns_ = now_ns;
    members_.clear();
  }
  looked_ns_ = now_ns;
  for (const auto& [group, members] : *found) {
    Members& ever = members_[group];
    for (const auto& member : members)
      if (count_of(ever) < kMostMembers) ever[member.client_id].try_emplace(member.member_id, now_ns);
  }
}

std::optional<GroupWatch::Members> GroupWatch::members_since(const std::string& group,
                                                             std::int64_t since_ns) const {
  const std::lock_guard lock{mutex_};
  if (since_ns_ == 0 || since_ns_ > since_ns) return std::nullopt;
  const auto found = members_.find(group);
  if (found == members_.end()) return Members{};
  if (count_of(found->second) >= kMostMembers) return std::nullopt;  // there may be more
  return found->second;
}

}  // namespace waybill::server
