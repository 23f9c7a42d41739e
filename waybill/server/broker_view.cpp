#include "waybill/server/broker_view.h"

#include <chrono>

#include "waybill/lag/cluster_connection.h"
#include "waybill/lag/first_record.h"

namespace waybill::server {
namespace {

using evidence::Presence;

constexpr std::chrono::milliseconds kPatience{3'000};
constexpr std::chrono::seconds kPause{30};  // after a question that nobody answered

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

struct BrokerView::Connections {
  std::unique_ptr<lag::ClusterConnection> all;        // sees the log's end
  std::unique_ptr<lag::ClusterConnection> committed;  // sees the last stable offset
};

BrokerView::BrokerView(BrokerViewConfig config) : config_{std::move(config)} {}
BrokerView::~BrokerView() = default;

std::string BrokerView::last_error() const {
  const std::lock_guard lock{error_mutex_};
  return error_;
}

void BrokerView::remember(const Error& error) {
  const std::lock_guard lock{error_mutex_};
  error_ = error.message;
  if (error.code == Error::Code::kNetwork) silent_until_ = std::chrono::steady_clock::now() + kPause;
}

void BrokerView::forget_error() {
  const std::lock_guard lock{error_mutex_};
  error_.clear();
}

bool BrokerView::is_silent() const {
  const std::lock_guard lock{error_mutex_};
  return std::chrono::steady_clock::now() < silent_until_;
}

// Null: it cannot be done, and that is remembered.
BrokerView::Connections* BrokerView::connect() {
  if (!may_ask() || is_silent()) return nullptr;
  if (connections_ != nullptr) return connections_.get();
  const lag::ClusterConfig config{config_.bootstrap_servers, config_.properties};
  auto all = lag::ClusterConnection::open(config, false, kPatience);
  auto committed = lag::ClusterConnection::open(config, true, kPatience);
  if (!all || !committed) {
    remember(all ? committed.error() : all.error());
    return nullptr;
  }
  connections_ = std::make_unique<Connections>(Connections{std::move(*all), std::move(*committed)});
  return connections_.get();
}

std::optional<evidence::PartitionLog> BrokerView::log_of(const std::string& topic, std::int32_t partition) {
  const std::lock_guard lock{asking_};
  Connections* connections = connect();
  if (connections == nullptr) return std::nullopt;
  const std::vector<lag::TopicPartition> of{{topic, partition}};
  const auto starts = connections->all->log_starts(of);
  const auto ends = starts ? connections->all->log_ends(of) : starts;
  const auto stable = ends ? connections->committed->log_ends(of) : ends;
  if (!stable) {
    remember(stable.error());
    return std::nullopt;
  }
  if (!starts->contains(of[0]) || !ends->contains(of[0])) {
    remember(
        Error{Error::Code::kNotFound, "there is no partition " + topic + "/" + std::to_string(partition)});
    return std::nullopt;
  }
  forget_error();
  evidence::PartitionLog log{topic, partition, starts->at(of[0]), ends->at(of[0]), -1, now_ns()};
  if (stable->contains(of[0])) log.stable_end = stable->at(of[0]);
  return log;
}

std::vector<evidence::CommittedOffset> BrokerView::committed(const std::string& group,
                                                             const std::string& topic,
                                                             std::int32_t partition) {
  const std::lock_guard lock{asking_};
  Connections* connections = connect();
  if (connections == nullptr) return {};
  const auto offsets = connections->all->committed(group, {});
  if (!offsets) {
    remember(offsets.error());
    return {};
  }
  forget_error();
  const auto found = offsets->find({topic, partition});
  return {{group, topic, partition, found == offsets->end() ? -1 : found->second, now_ns()}};
}

std::optional<lag::ClusterConnection::Groups> BrokerView::groups(std::size_t most) {
  const std::lock_guard lock{asking_};
  Connections* connections = connect();
  if (connections == nullptr) return std::nullopt;
  auto names = connections->all->groups({});
  if (names && names->size() > most) names->resize(most);
  using Groups = lag::ClusterConnection::Groups;
  auto groups = names ? connections->all->describe(*names, {}) : Expected<Groups>{names.error()};
  if (!groups) {
    remember(groups.error());
    return std::nullopt;
  }
  forget_error();
  return std::move(*groups);
}

std::optional<bool> BrokerView::is_compacted(const std::string& topic) {
  const std::lock_guard lock{asking_};
  const auto now = std::chrono::steady_clock::now();
  if (const auto* known = compacted_.find(topic, now)) return *known;
  Connections* connections = connect();
  if (connections == nullptr) return std::nullopt;
  const auto policy = connections->all->cleanup_policy(topic, {});
  if (policy) {
    forget_error();
  } else {
    remember(policy.error());
  }
  std::optional<bool> is_compacted;
  if (policy) is_compacted = policy->find("compact") != std::string::npos;
  compacted_.remember(topic, is_compacted, now);
  return is_compacted;
}

Presence BrokerView::presence_of(const evidence::Place& place) {
  const std::optional<evidence::PartitionLog> log = log_of(place.topic, place.partition);
  if (!log) return Presence::kNotAsked;
  if (place.offset < log->start) return Presence::kBeforeStart;
  if (place.offset >= log->end) return Presence::kBehindEnd;
  const std::lock_guard lock{asking_};
  const lag::ClusterConfig cluster{config_.bootstrap_servers, config_.properties};
  const lag::TopicPartition at{place.topic, place.partition};
  const auto committed = lag::first_record_from(cluster, at, place.offset, true, kPatience);
  if (committed == place.offset) return Presence::kReadable;
  const auto any = lag::first_record_from(cluster, at, place.offset, false, kPatience);
  if (!any) return Presence::kNotAsked;
  if (*any != place.offset) return Presence::kNotReadable;
  // There, but not for those who read committed: aborted, or of a transaction that is still open.
  const bool is_stable = log->stable_end < 0 || place.offset < log->stable_end;
  return committed && is_stable ? Presence::kAborted : Presence::kNotAsked;
}

}  // namespace waybill::server
