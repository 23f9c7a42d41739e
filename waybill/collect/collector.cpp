#include "waybill/collect/collector.h"

#include <algorithm>
#include <functional>
#include <set>
#include <thread>
#include <utility>

#include "waybill/base/clock.h"

namespace waybill::collect {
namespace {

constexpr std::chrono::milliseconds kPause{10};
constexpr std::uint64_t kBeatEveryNs = 500'000'000;
constexpr std::uint64_t kLookAtTheDeadEveryNs = 50'000'000;
constexpr std::size_t kBusyRound = 1024 * 1024;  // so much in one round: do not pause before the next
constexpr std::size_t kMostEndedBooks = 10'000;
constexpr std::size_t kMostHostsOfAUser = 1024;
constexpr std::uint64_t kMostSegmentBytesOfAUser = std::uint64_t{64} << 30U;
constexpr std::size_t kSpoolOverSegment = 4;  // how many times a host's segment its spool holds

}  // namespace

Collector::Collector(RuntimeDirectory directory, configure::Environment defaults, Log& log)
    : directory_{std::move(directory)}, defaults_{std::move(defaults)}, log_{log}, pool_{log} {}

void Collector::announce() {
  directory_.announce(configure::host_settings(configure::resolve(defaults_).settings));
  last_beat_ns_ = base::monotonic_ns();
}

void Collector::run(const std::function<bool()>& stop) {
  directory_.remove_orphans();
  find_hosts();
  while (!stop()) {
    beat_if_due();
    const bool busy = round() >= kBusyRound;
    if (directory_.wait_for_change(busy ? std::chrono::milliseconds{0} : kPause)) find_hosts();
  }
}

void Collector::finish(std::chrono::steady_clock::time_point deadline) {
  const auto in_time = [deadline] { return std::chrono::steady_clock::now() < deadline; };
  find_hosts();
  while (round() != 0 && in_time()) {
  }
  round();  // ends that wait for their starts
  last_look_at_the_dead_ns_ = 0;
  let_go_of_the_dead();
  pool_.flush(deadline);
  for (const auto& host : hosts_) host->settle_returned();
  for (const auto& host : hosts_) {
    if (host->alive()) host->leave();
  }
  pool_.shutdown(deadline);
  last_look_at_the_dead_ns_ = 0;
  let_go_of_the_dead();
  for (const HostBooks& books : this->books().hosts) {
    const std::uint64_t dropped = books.dropped_no_room + books.dropped_lost_end;
    if (dropped == 0) continue;
    log_.warning("books " + std::to_string(books.pid),
                 std::to_string(dropped) + " of " + std::to_string(books.started) + " spans of " +
                     books.program + " (pid " + std::to_string(books.pid) +
                     ") were dropped: its segment was full; WAYBILL_SEGMENT_SIZE makes it larger");
  }
  directory_.remove();
}

Books Collector::books() const {
  Books books{ended_, pool_.statistics()};
  for (const auto& host : hosts_) books.hosts.push_back(host->books());
  return books;
}

std::size_t Collector::round() {
  std::size_t size = 0;
  for (const auto& host : hosts_) {
    size += host->round();
    beat_if_due();  // many full segments take longer than their hosts' patience
  }
  let_go_of_the_dead();
  return size;
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
                                          defaults_, pool_, log_));
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
  const std::uint64_t now_ns = base::monotonic_ns();
  if (now_ns - last_look_at_the_dead_ns_ < kLookAtTheDeadEveryNs) return;
  last_look_at_the_dead_ns_ = now_ns;
  const auto finished = [](const auto& host) { return !host->alive() && host->end_round(); };
  const auto dead = std::stable_partition(hosts_.begin(), hosts_.end(), std::not_fn(finished));
  for (auto host = dead; host != hosts_.end(); ++host) {
    if (ended_.size() < kMostEndedBooks) ended_.push_back((*host)->books());
    directory_.remove_segment((*host)->name());
    files_.erase((*host)->name());
  }
  if (dead == hosts_.end()) return;
  hosts_.erase(dead, hosts_.end());
  pool_.release_unused();
  if (std::erase_if(files_, [](const auto& file) { return file.second == Standing::kWaits; }) != 0)
    find_hosts();
}

void Collector::beat_if_due() {
  const std::uint64_t now_ns = base::monotonic_ns();
  if (now_ns - last_beat_ns_ < kBeatEveryNs) return;
  last_beat_ns_ = now_ns;
  directory_.beat();
  for (const auto& host : hosts_) host->beat(now_ns);
}

}  // namespace waybill::collect
