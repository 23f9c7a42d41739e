#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

#include "waybill/base/clock.h"
#include "waybill/collect/host.h"

// What can be said of a host: whether it lives, and what became of its operations.
namespace waybill::collect {
namespace {

std::uint64_t pid_namespace() {
  struct stat facts {};
  return stat("/proc/self/ns/pid", &facts) == 0 ? static_cast<std::uint64_t>(facts.st_ino) : 0;
}

// The state letter and the start time of a process, or nothing when it is gone.
struct ProcessFacts {
  char state = 0;
  std::uint64_t start_ticks = 0;
};
ProcessFacts facts_of(std::int32_t pid) {
  std::ifstream file{"/proc/" + std::to_string(pid) + "/stat"};
  std::string text;
  if (!std::getline(file, text)) return {};
  const std::size_t end_of_name = text.rfind(')');  // the name may hold blanks and parentheses
  if (end_of_name == std::string::npos) return {};
  std::istringstream rest{text.substr(end_of_name + 1)};
  ProcessFacts facts;
  rest >> facts.state;
  std::string skipped;
  for (int field = 4; field < 22; ++field) rest >> skipped;
  rest >> facts.start_ticks;
  return facts;
}

}  // namespace

// The lock is the surest sign: it goes with exec, which the process outlives, and stays while any thread
// runs, though the main thread has ended and the process looks like a zombie. A child that was forked while
// the segment was made may hold it on; so the process is looked at too.
bool Host::alive() const {
  const std::optional<bool> holds_lock = reader_.host_holds_lock();
  if (holds_lock == false) return false;
  const segment::HostPage& host = reader_.host();
  // From another PID namespace the number means nothing here: without a lock such a host counts as alive.
  if (host.pid_namespace != 0 && host.pid_namespace != pid_namespace()) return true;
  const ProcessFacts facts = facts_of(host.pid);
  // A machine without /proc shows no process at all, this one included.
  if (facts.state == 0 && facts_of(getpid()).state == 0) return kill(host.pid, 0) == 0 || errno == EPERM;
  const bool zombie = facts.state == 'Z' || facts.state == 'X';
  if (facts.state == 0 || (zombie && !holds_lock)) return false;
  return host.pid_start_ticks == 0 || facts.start_ticks == host.pid_start_ticks;
}

std::shared_ptr<const telemetry::MetricSnapshot> Host::metrics(bool last,
                                                               std::span<const lag::LagPoint> lags) {
  reader_.refresh();
  HostMetrics::State state{.last = last, .lags = lags};
  if (resolved_.settings.sampler.root.has_budget()) state.adaptive_ratio = adaptive_.ratio();
  return metrics_.snapshot(reader_, resource_, state);
}

// Its processor time. Where its number means nothing here, the time that passes: then it is measured as one
// that keeps one processor busy. 0: it has ended.
std::uint64_t Host::program_ns() const {
  const segment::HostPage& host = reader_.host();
  if (host.pid_namespace != 0 && host.pid_namespace != pid_namespace()) return base::monotonic_ns();
  clockid_t clock = 0;
  return clock_getcpuclockid(host.pid, &clock) == 0 ? base::time_of(clock) : 0;
}

bool Host::is_process(std::int32_t pid, std::uint64_t pid_namespace) const {
  const segment::HostPage& host = reader_.host();
  const bool same_namespace =
      pid_namespace == 0 || host.pid_namespace == 0 || host.pid_namespace == pid_namespace;
  return host.pid == pid && same_namespace && alive();
}

HostBooks Host::books() const {
  const segment::HostPage& host = reader_.host();
  const auto counter = [&](segment::HostCounter which) {
    return host.counters[static_cast<std::size_t>(which)];
  };
  const telemetry::AssemblerCounts counts = assembler_.counts();
  HostBooks books;
  books.program = host.program;
  books.pid = host.pid;
  books.dropped_no_room = counter(segment::HostCounter::kSendStartsDropped) +
                          counter(segment::HostCounter::kConsumeRecordsDropped) +
                          counter(segment::HostCounter::kWholeRecordsDropped);
  books.started = counts.started + books.dropped_no_room;
  books.handed_on = counts.finished - without_destination_;
  books.dropped_no_destination = without_destination_;
  books.dropped_lost_end = counts.lost_ends;
  books.dropped_spool_full = counts.given_up;
  books.not_kept = counts.not_kept;
  books.in_flight = counts.in_flight;
  books.log_records_no_destination = logs_without_destination_;
  books.injections_skipped = counter(segment::HostCounter::kInjectionsSkippedBySize);
  books.contexts_malformed = counter(segment::HostCounter::kContextsMalformed);
  books.clients_not_observed = counter(segment::HostCounter::kClientsNotObserved);
  books.definitions_dropped = counter(segment::HostCounter::kDefinitionsDropped);
  return books;
}

}  // namespace waybill::collect
