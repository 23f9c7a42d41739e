#include "waybill/collect/host.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <mutex>
#include <sstream>
#include <utility>

#include "waybill/telemetry/resource.h"

namespace waybill::collect {
namespace {

std::string machine_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? std::string{name.data()} : std::string{};
}

configure::Environment environment_of(const segment::Reader& reader, configure::Environment defaults) {
  std::vector<char> text(segment::kEnvironmentSize);
  defaults.overlay(configure::Environment::from_block(reader.environment(text)));
  return defaults;
}

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

telemetry::SpanLimits limits_of(const configure::Settings& settings) {
  return {settings.attribute_count_limit, settings.attribute_value_length_limit, settings.link_count_limit};
}

}  // namespace

class Host::Returns {
 public:
  void put(std::unique_ptr<telemetry::SpanBatch> batch) {
    const std::scoped_lock lock{mutex_};
    batches_.push_back(std::move(batch));
  }
  std::vector<std::unique_ptr<telemetry::SpanBatch>> take() {
    const std::scoped_lock lock{mutex_};
    return std::exchange(batches_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<telemetry::SpanBatch>> batches_;
};

Host::Host(std::string name, segment::Reader reader, std::unique_ptr<Spool> spool,
           const configure::Environment& defaults, ExporterPool& pool, Log& log)
    : name_{std::move(name)},
      reader_{std::move(reader)},
      spool_{std::move(spool)},
      definitions_{reader_},
      resolved_{configure::resolve(environment_of(reader_, defaults))},
      assembler_{definitions_,
                 *spool_,
                 {reader_.host().anchor_monotonic_ns, reader_.host().anchor_realtime_ns},
                 limits_of(resolved_.settings)},
      batches_{resolved_.settings.batch.max_export_batch_size},
      log_{log},
      returns_{std::make_shared<Returns>()} {
  const configure::Settings& settings = resolved_.settings;
  reader_.publish(configure::host_settings(settings));  // first of all: the host waits for it
  for (const configure::Problem& problem : resolved_.problems) {
    log_.warning(problem.setting + problem.message, problem.setting + ": " + problem.message);
  }
  const segment::HostPage& host = reader_.host();
  resource_ = std::make_shared<const telemetry::Resource>(telemetry::make_resource(
      settings.service_name, settings.resource_attributes, {host.program, host.pid, machine_name()}));
  exporters_ = &pool.for_settings(settings);
  replay();
}

void Host::replay() {
  const Spool::Step step = spool_->last_step();
  if (step.end_position != 0) reader_.finish_taking(step.chunk, step.end_position);
  spool_->replay([this](std::span<const std::uint8_t> bytes, telemetry::Place place) {
    assembler_.add(segment::record_view(bytes), place);
  });
}

std::size_t Host::round() {
  settle_returned();
  spool_->make_room();
  const std::size_t size = drain();
  if (size == 0) spool_->trim();
  assembler_.end_round(batches_);
  hand_on();
  return size;
}

std::size_t Host::drain() {
  segment::ReadProblem problem = segment::ReadProblem::kNone;
  const std::size_t size = reader_.drain(*spool_, problem, [this](const segment::RecordView& record) {
    assembler_.add(record, spool_->take(record.bytes));
  });
  if (problem != segment::ReadProblem::kNone) {
    log_.warning("segment " + name_, "the segment of " + std::string{reader_.host().program} + " (pid " +
                                         std::to_string(reader_.host().pid) +
                                         ") is damaged: " + describe(problem));
  }
  return size;
}

// The lock is the surest sign: it goes with exec, which the process outlives, and stays while any thread
// runs, though the main thread has ended and the process looks like a zombie. A child that was forked while
// the segment was made may hold it on; so the process is looked at too.
bool Host::alive() const {
  const segment::HostPage& host = reader_.host();
  if (!reader_.host_maps_it()) return false;
  // From another PID namespace the number means nothing here: such a host counts as alive.
  if (host.pid_namespace != 0 && host.pid_namespace != pid_namespace()) return true;
  const ProcessFacts facts = facts_of(host.pid);
  const bool zombie = facts.state == 'Z' || facts.state == 'X';
  if (facts.state == 0 || (zombie && host.holds_lock == 0)) return false;
  return host.pid_start_ticks == 0 || facts.start_ticks == host.pid_start_ticks;
}

bool Host::end_round() {
  if (round() != 0) return false;
  const bool spool_was_full = away_ != 0;  // then there may be more in the segment
  assembler_.end_host(batches_);
  hand_on();
  settle_returned();
  reader_.refresh();
  return away_ == 0 && !spool_was_full;
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
                          counter(segment::HostCounter::kConsumeRecordsDropped);
  books.started = counts.started + books.dropped_no_room;
  books.handed_on = counts.finished;
  books.dropped_lost_end = counts.lost_ends;
  books.in_flight = counts.in_flight;
  books.injections_skipped = counter(segment::HostCounter::kInjectionsSkippedBySize);
  books.contexts_malformed = counter(segment::HostCounter::kContextsMalformed);
  books.clients_not_observed = counter(segment::HostCounter::kClientsNotObserved);
  return books;
}

void Host::hand_on() {
  for (std::unique_ptr<telemetry::SpanBatch>& batch : batches_.take()) {
    batch->resource = resource_;
    ++away_;
    const std::shared_ptr<const telemetry::SpanBatch> shared{
        batch.release(), [returns = returns_](telemetry::SpanBatch* done) {
          returns->put(std::unique_ptr<telemetry::SpanBatch>{done});
        }};
    if (shared->spans.empty()) continue;  // only records that are done with
    for (const auto& exporter : *exporters_) exporter->submit(shared);
  }
}

void Host::settle_returned() {
  for (std::unique_ptr<telemetry::SpanBatch>& batch : returns_->take()) {
    --away_;
    if (left_) continue;
    for (const telemetry::Place place : batch->origins) spool_->settle(place);
    batches_.give_back(std::move(batch));
  }
}

}  // namespace waybill::collect
