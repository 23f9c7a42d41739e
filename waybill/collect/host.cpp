#include "waybill/collect/host.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <fstream>
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

Host::Host(std::string name, segment::Reader reader, const configure::Environment& defaults,
           ExporterPool& pool, Log& log)
    : name_{std::move(name)},
      reader_{std::move(reader)},
      definitions_{reader_},
      resolved_{configure::resolve(environment_of(reader_, defaults))},
      assembler_{definitions_,
                 {reader_.host().anchor_monotonic_ns, reader_.host().anchor_realtime_ns},
                 limits_of(resolved_.settings)},
      log_{log} {
  const configure::Settings& settings = resolved_.settings;
  reader_.publish(configure::host_settings(settings));  // first of all: the host waits for it
  for (const configure::Problem& problem : resolved_.problems) {
    log_.warning(problem.setting + problem.message, problem.setting + ": " + problem.message);
  }
  const segment::HostPage& host = reader_.host();
  resource_ = std::make_shared<const telemetry::Resource>(telemetry::make_resource(
      settings.service_name, settings.resource_attributes, {host.program, host.pid, machine_name()}));
  exporters_ = &pool.for_settings(settings);
}

std::size_t Host::round(std::span<std::uint8_t> buffer) {
  segment::ReadProblem problem = segment::ReadProblem::kNone;
  const std::size_t size =
      reader_.drain(buffer, problem, [this](const segment::RecordView& record) { assembler_.add(record); });
  if (problem != segment::ReadProblem::kNone) {
    log_.warning("segment " + name_, "the segment of " + std::string{reader_.host().program} + " (pid " +
                                         std::to_string(reader_.host().pid) +
                                         ") is damaged: " + describe(problem));
  }
  std::vector<telemetry::Span> spans;
  assembler_.end_round(spans);
  hand_on(std::move(spans));
  return size;
}

bool Host::alive() const {
  const segment::HostPage& host = reader_.host();
  // From another PID namespace the number means nothing here: such a host counts as alive.
  if (host.pid_namespace != 0 && host.pid_namespace != pid_namespace()) return true;
  const ProcessFacts facts = facts_of(host.pid);
  if (facts.state == 0 || facts.state == 'Z' || facts.state == 'X') return false;
  return host.pid_start_ticks == 0 || facts.start_ticks == host.pid_start_ticks;
}

void Host::end(std::span<std::uint8_t> buffer) {
  while (round(buffer) != 0) {
  }
  std::vector<telemetry::Span> spans;
  assembler_.end_host(spans);
  hand_on(std::move(spans));
  reader_.refresh();
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
  books.dropped_in_flight = counts.refused;
  books.in_flight = counts.in_flight;
  books.injections_skipped = counter(segment::HostCounter::kInjectionsSkippedBySize);
  books.contexts_malformed = counter(segment::HostCounter::kContextsMalformed);
  books.clients_not_observed = counter(segment::HostCounter::kClientsNotObserved);
  return books;
}

void Host::hand_on(std::vector<telemetry::Span> spans) {
  if (spans.empty()) return;
  const auto batch =
      std::make_shared<const telemetry::SpanBatch>(telemetry::SpanBatch{resource_, std::move(spans)});
  for (const auto& exporter : *exporters_) exporter->submit(batch);
}

}  // namespace waybill::collect
