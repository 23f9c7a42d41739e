#include "waybill/collect/collector.h"

#include <algorithm>
#include <functional>
#include <set>
#include <thread>
#include <utility>

#include "waybill/base/clock.h"
#include "waybill/collect/answer_tuning.h"
#include "waybill/configure/host_settings.h"

namespace waybill::collect {
namespace {

constexpr std::chrono::milliseconds kPause{10};
constexpr std::uint64_t kLongestPauseNs = 50'000'000;  // to be asked to stop often enough
constexpr std::uint64_t kBeatEveryNs = 500'000'000;
constexpr std::uint64_t kLookAtTheDeadEveryNs = 50'000'000;
constexpr std::uint64_t kAdaptEveryNs = 1'000'000'000;
constexpr std::size_t kMostTurnsToTheEnd = 300;  // enough for the largest segment
constexpr std::size_t kMostEndedBooks = 10'000;
constexpr std::size_t kMostHostsOfAUser = 1024;
constexpr std::uint64_t kMostSegmentBytesOfAUser = std::uint64_t{64} << 30U;
constexpr std::size_t kSpoolOverSegment = 4;  // how many times a host's segment its spool holds

}  // namespace

Collector::Collector(RuntimeDirectory directory, configure::Environment defaults, Log& log, clockid_t cost,
                     ExporterPool::MakeExporters make)
    : cost_{cost},
      directory_{std::move(directory)},
      defaults_{std::move(defaults)},
      log_{log},
      pool_{log, std::move(make)},
      metric_pool_{log},
      log_pool_{ExporterPool::of_logs(log)},
      own_metrics_{cost},
      metrics_{metric_pool_, directory_,
               configure::resolve(configure::SettingSources{{}, defaults_}).settings,
               [this](bool last, std::span<const lag::LagPoint> lags) {
                 return own_metrics_.snapshot(books(), last, lags);
               },
               log} {}

void Collector::announce() {
  directory_.announce(
      configure::host_settings(configure::resolve(configure::SettingSources{{}, defaults_}).settings));
  last_beat_ns_ = base::monotonic_ns();
}

void Collector::run(const std::function<bool()>& stop) {
  directory_.remove_orphans();
  find_hosts();
  while (!stop()) {
    beat_if_due();
    round();
    adapt_if_due();
    if (!directory_.wait_for_change(pause())) continue;
    find_hosts();
    answer_tuning(directory_, hosts_);
  }
}

// In slices, because hosts must not take this process for gone meanwhile, and what one slice has sent makes
// room for the next.
bool Collector::flush(std::chrono::steady_clock::time_point deadline) {
  constexpr std::chrono::milliseconds kSlice{200};
  const std::uint64_t lost_before = lost();
  bool all = false;
  while (!all) {
    find_hosts();
    round(true);
    round(true);  // ends that wait for their starts
    const auto now = std::chrono::steady_clock::now();
    const auto end_of_slice = std::min(deadline, now + kSlice);
    all = pool_.flush(end_of_slice);
    all = log_pool_.flush(end_of_slice) && all;
    beat_if_due();
    for (const auto& host : hosts_) {
      host->settle_returned();
      all = all && !host->has_more();
    }
    if (now >= deadline) break;
  }
  return metrics_.flush(hosts_, deadline) && all && lost() == lost_before;
}

// Spans and log records, of those that were given to exporters.
std::uint64_t Collector::lost() const {
  std::uint64_t lost = 0;
  for (const exporters::ExporterStatistics& statistics : {pool_.statistics(), log_pool_.statistics()})
    lost += statistics.dropped_queue_full + statistics.dropped_rejected + statistics.dropped_unreachable;
  return lost;
}

void Collector::finish(std::chrono::steady_clock::time_point deadline) {
  const auto now = std::chrono::steady_clock::now();
  metrics_.stop_asking();
  find_hosts();
  round(true);
  round(true);  // ends that wait for their starts
  read_the_dead(now + (deadline - now) / 2);
  log_pool_.flush(now);  // it sends while the others do
  pool_.flush(deadline);
  let_go_of_the_dead();
  for (const auto& host : hosts_) {
    host->settle_returned();
    host->leave();
  }
  drop_what_has_no_next();
  metrics_.finish(hosts_, deadline);
  pool_.shutdown(deadline);
  drop_what_has_no_next();  // what was behind that in a full spool
  log_pool_.shutdown(deadline);
  let_go_of_the_dead();
  for (const HostBooks& books : this->books().hosts) {
    const std::uint64_t dropped = books.dropped_no_room + books.dropped_lost_end + books.dropped_spool_full;
    if (dropped == 0) continue;
    log_.warning("books " + std::to_string(books.pid),
                 std::to_string(dropped) + " of " + std::to_string(books.started) + " spans of " +
                     books.program + " (pid " + std::to_string(books.pid) +
                     ") were dropped: its segment was full; WAYBILL_SEGMENT_SIZE makes it larger");
  }
  directory_.remove();
}

// The living go on: what they leave in their segments is for the next collecting process.
void Collector::read_the_dead(std::chrono::steady_clock::time_point deadline) {
  for (;;) {
    bool all = true;
    for (const auto& host : hosts_) all = (host->alive() || host->end_round()) && all;
    const auto now = std::chrono::steady_clock::now();
    if (all || now >= deadline) return;
    pool_.flush(std::min(deadline, now + kPause));  // what keeps the spool full
  }
}

// Hosts whose records no other process will find: the exporters count what they cannot take.
void Collector::drop_what_has_no_next() {
  for (const auto& host : hosts_) {
    if (host->left() || host->alive()) continue;
    for (std::size_t turn = 0; turn < kMostTurnsToTheEnd && !host->end_round(true); ++turn) {
    }
  }
}

Books Collector::books() const {
  Books books{ended_, pool_.statistics(), metric_pool_.statistics(), log_pool_.statistics(), hosts_.size()};
  for (const auto& host : hosts_) books.hosts.push_back(host->books());
  return books;
}

// Until a host is due.
std::chrono::milliseconds Collector::pause() const {
  const std::uint64_t now_ns = base::monotonic_ns();
  std::uint64_t first_ns = now_ns + kLongestPauseNs;
  for (const auto& host : hosts_) first_ns = std::min(first_ns, host->next_round_ns());
  const std::uint64_t left_ns = first_ns > now_ns ? first_ns - now_ns : 0;
  return std::chrono::milliseconds{(left_ns + 999'999) / 1'000'000};
}

void Collector::round(bool of_all) {
  // The first one gets what room the exporters have: each host has its turn.
  if (!hosts_.empty()) next_turn_ = (next_turn_ + 1) % hosts_.size();
  const std::uint64_t now_ns = base::monotonic_ns();
  for (std::size_t turn = 0; turn < hosts_.size(); ++turn) {
    Host& host = *hosts_[(next_turn_ + turn) % hosts_.size()];
    if (of_all || host.next_round_ns() <= now_ns) host.round();
    beat_if_due();  // many full segments take longer than their hosts' patience
  }
  metrics_.round(hosts_);
  if (now_ns - last_look_at_the_dead_ns_ >= kLookAtTheDeadEveryNs) {
    last_look_at_the_dead_ns_ = now_ns;
    let_go_of_the_dead();
  }
}

void Collector::find_hosts() {
  const std::vector<std::string> listed = directory_.segments();
  const std::set<std::string> names{listed.begin(), listed.end()};
  std::erase_if(files_, [&](const auto& file) {
    return file.second != Standing::kRead && !names.contains(file.first);
  });
  for (const std::string& name : names) {
    if (!files_.contains(name)) attach(name);
  }
}

void Collector::attach(const std::string& name) {
  Expected<OpenSegment> segment = directory_.open_segment(name);
  std::string why;
  if (!segment) {
    why = segment.error().message;
  } else if (attach(name, std::move(*segment), why)) {
    return;
  }
  if (why.empty()) return;
  files_[name] = Standing::kRefused;
  log_.warning("segment " + name, why);
}

// False: it waits, or `why` it is refused.
bool Collector::attach(const std::string& name, OpenSegment segment, std::string& why) {
  segment::Reader reader;
  const segment::ReadProblem problem = reader.open(segment.file.release());
  if (problem != segment::ReadProblem::kNone) {
    why = std::string{"the segment "} + name + " is not used: " + describe(problem);
    return false;
  }
  if (!has_room_for(segment.owner, reader.host().segment_size)) {
    files_[name] = Standing::kWaits;
    return false;
  }
  reader.beat(base::monotonic_ns());
  const std::size_t spool_size = reader.host().segment_size * kSpoolOverSegment;
  hosts_.push_back(std::make_unique<Host>(name, segment.owner, std::move(reader),
                                          std::make_unique<Spool>(directory_.open_spool(name), spool_size),
                                          defaults_, Pools{pool_, metric_pool_, log_pool_}, log_,
                                          tuned_before(directory_, name)));
  metrics_.begin(*hosts_.back());
  files_[name] = Standing::kRead;
  return true;
}

// A user may leave as many files as the directory takes; what is read at once has a bound for each, so that
// nobody takes the others' share of this process.
bool Collector::has_room_for(uid_t owner, std::uint64_t segment_size) {
  std::size_t hosts = 0;
  for (const auto& host : hosts_) {
    if (host->owner() != owner) continue;
    ++hosts;
    segment_size += host->segment_size();
  }
  if (hosts < kMostHostsOfAUser && segment_size <= kMostSegmentBytesOfAUser) return true;
  const std::string user = std::to_string(owner);
  log_.warning("too many segments " + user,
               "user " + user + " has more segments than are read at once; the others wait");
  return false;
}

void Collector::let_go_of_the_dead() {
  const auto finished = [](const auto& host) {
    return !host->left() && !host->alive() && host->end_round() && host->nothing_away();
  };
  const auto dead = std::stable_partition(hosts_.begin(), hosts_.end(), std::not_fn(finished));
  for (auto host = dead; host != hosts_.end(); ++host) {
    metrics_.end(**host);
    if (ended_.size() < kMostEndedBooks) ended_.push_back((*host)->books());
    directory_.remove_segment((*host)->name());
    files_.erase((*host)->name());
  }
  if (dead == hosts_.end()) return;
  hosts_.erase(dead, hosts_.end());
  pool_.release_unused();
  log_pool_.release_unused();
  metric_pool_.release_unused();
  if (std::erase_if(files_, [](const auto& file) { return file.second == Standing::kWaits; }) != 0)
    find_hosts();
}

// What this process took is shared out by spans.
void Collector::adapt_if_due() {
  const std::uint64_t now_ns = base::monotonic_ns();
  if (now_ns - last_adapted_ns_ < kAdaptEveryNs) return;
  last_adapted_ns_ = now_ns;
  const std::uint64_t cpu_ns = base::time_of(cost_);
  const auto spent_ns = static_cast<double>(cpu_ns - std::exchange(cpu_when_adapted_ns_, cpu_ns));
  std::uint64_t spans = 0;
  for (const auto& host : hosts_) spans += host->spans_to_adapt_to();
  for (const auto& host : hosts_) {
    const auto share = static_cast<double>(host->spans_to_adapt_to());
    host->adapt(spans == 0 ? 0 : spent_ns * share / static_cast<double>(spans));
  }
}

void Collector::beat_if_due() {
  const std::uint64_t now_ns = base::monotonic_ns();
  if (now_ns - last_beat_ns_ < kBeatEveryNs) return;
  last_beat_ns_ = now_ns;
  directory_.beat();
  for (const auto& host : hosts_) host->beat(now_ns);
}

}  // namespace waybill::collect
