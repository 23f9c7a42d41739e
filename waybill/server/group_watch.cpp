#include "waybill/server/group_watch.h"

#include <utility>

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
  if (const auto found = brokers_.groups(kMostGroups)) learn(*found, now_ns);
}

void GroupWatch::learn(const lag::ClusterConnection::Groups& groups, std::int64_t now_ns) {
  const std::lock_guard lock{mutex_};
  if (since_ns_ == 0 || now_ns - looked_ns_ > kLongestPause) {
    since_ns_ = now_ns;
    looked_ns_ = now_ns;
    groups_.clear();
  }
  for (const auto& [name, group] : groups) learn_of(group, now_ns, groups_[name]);
  // A group that is not there any more has no member.
  for (auto& [name, seen] : groups_)
    if (!groups.contains(name)) learn_of({}, now_ns, seen);
  looked_ns_ = now_ns;
}

void GroupWatch::learn_of(const lag::ClusterConnection::Group& group, std::int64_t now_ns, Seen& seen) const {
  std::set<std::string> members;
  for (const auto& member : group.members) {
    members.insert(member.member_id);
    if (count_of(seen.ever) < kMostMembers) seen.ever[member.client_id].try_emplace(member.member_id, now_ns);
  }
  // Whoever it has at the first look may have been there for long.
  const bool has_changed = members != seen.now && now_ns != since_ns_;
  if (members.empty()) {
    seen.rebalance_ns.reset();
  } else if (group.is_rebalancing) {
    seen.rebalance_ns = now_ns;
  } else if (has_changed) {
    seen.rebalance_ns = looked_ns_;
  }
  seen.now = std::move(members);
}

std::optional<GroupWatch::Members> GroupWatch::members_since(const std::string& group,
                                                             std::int64_t since_ns) const {
  const std::lock_guard lock{mutex_};
  if (since_ns_ == 0 || since_ns_ > since_ns) return std::nullopt;
  const auto found = groups_.find(group);
  if (found == groups_.end()) return Members{};
  if (count_of(found->second.ever) >= kMostMembers) return std::nullopt;  // there may be more
  return found->second.ever;
}

std::optional<std::int64_t> GroupWatch::last_rebalance_ns(const std::string& group) const {
  const std::lock_guard lock{mutex_};
  const auto found = groups_.find(group);
  return found == groups_.end() ? std::nullopt : found->second.rebalance_ns;
}

}  // namespace waybill::server
