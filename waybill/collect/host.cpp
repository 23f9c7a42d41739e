#include "waybill/collect/host.h"

#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <utility>

#include "waybill/base/clock.h"
#include "waybill/collect/machine_name.h"
#include "waybill/configure/setting_table.h"
#include "waybill/telemetry/log_record.h"
#include "waybill/telemetry/resource.h"

namespace waybill::collect {
namespace {

configure::SettingSources sources_of(const segment::Reader& reader, uid_t owner,
                                     const configure::Environment& defaults,
                                     const configure::Environment& tuned) {
  std::vector<char> text(segment::kEnvironmentSize);
  configure::Environment own = configure::Environment::from_block(reader.environment(text));
  const bool is_ours = owner == geteuid();
  if (!is_ours) {
    const configure::Environment all = own;
    for (const auto& [variable, value] : all.variables()) {
      if (configure::names_file(variable, value)) own.forget(variable);
    }
  }
  return {std::move(own), defaults, is_ours, tuned};
}

// So much is read in one round at most, a few milliseconds' work: then it is another host's turn.
constexpr std::size_t kMostInARound = std::size_t{4} * 1024 * 1024;
// So many spans are made in one round: what the exporters have let go of is settled between two, and only
// what is not settled comes again after a kill.
constexpr std::size_t kMostSpansInARound = 16'384;
constexpr std::size_t kMostSpansWhenBehind = 2'048;

// Between two rounds: what a span waits for at least, and how long an idle host is left alone.
constexpr std::uint64_t kShortestPauseNs = 10'000'000;
constexpr std::uint64_t kLongestPauseNs = 50'000'000;
// More than a host writes in a nanosecond, so that it cannot fill its segment in one pause.
constexpr double kBytesInANs = 0.4;

constexpr std::uint64_t kTrimAfterNs = 1'000'000'000;
constexpr std::size_t kBusyRound = 1024 * 1024;  // so much in one round: do not pause before the next

// Lets a drain take so much of a spool.
class Allowance {
 public:
  explicit Allowance(Spool& spool) : spool_{spool} {}

  std::span<std::uint8_t> room(std::size_t size) {
    if (size > left_) return {};
    const std::span<std::uint8_t> room = spool_.room(size);
    spool_is_full_ = room.empty();
    left_ -= room.size();
    return room;
  }
  void keep(std::uint32_t chunk, std::uint64_t end_position, std::size_t size) {
    spool_.keep(chunk, end_position, size);
  }
  bool spool_is_full() const { return spool_is_full_; }

 private:
  Spool& spool_;
  std::size_t left_ = kMostInARound;
  bool spool_is_full_ = false;
};

telemetry::SpanLimits limits_of(const configure::Settings& settings) {
  return {.attribute_count = settings.attribute_count_limit,
          .attribute_value_length = settings.attribute_value_length_limit,
          .link_count = settings.link_count_limit,
          .link_attribute_count = settings.link_attribute_count_limit,
          .sizes = settings.capture_sizes,
          .hashed_keys = settings.capture_key == configure::CaptureKey::kHash,
          .old_names = settings.old_names};
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

Host::Host(std::string name, uid_t owner, segment::Reader reader, std::unique_ptr<Spool> spool,
           const configure::Environment& defaults, const Pools& pools, Log& log,
           const configure::Environment& tuned)
    : name_{std::move(name)},
      owner_{owner},
      reader_{std::move(reader)},
      spool_{std::move(spool)},
      definitions_{reader_},
      sources_{sources_of(reader_, owner, defaults, tuned)},
      resolved_{configure::resolve(sources_)},
      assembler_{definitions_,
                 *spool_,
                 {reader_.host().anchor_monotonic_ns, reader_.host().anchor_realtime_ns},
                 limits_of(resolved_.settings)},
      batches_{resolved_.settings.batch.max_export_batch_size},
      metrics_{name_, definitions_, resolved_.settings.metrics.partition_id},
      log_{log},
      returns_{std::make_shared<Returns>()} {
  const configure::Settings& settings = resolved_.settings;
  publish();  // first of all: the host waits for it
  for (const configure::Problem& problem : resolved_.problems) {
    if (settings.log_level > Log::Level::kWarning) break;  // the program's own wish
    log_.warning(describe(problem), describe(problem));
  }
  const segment::HostPage& host = reader_.host();
  resource_ = std::make_shared<const telemetry::Resource>(
      telemetry::make_resource(settings.service_name, settings.resource_attributes,
                               {host.program, host.pid, machine_name(), host.anchor_realtime_ns}));
  exporters_ = pools.spans.for_settings(settings, owner_);
  log_exporters_ = pools.logs.for_settings(settings, owner_);
  most_logs_at_once_ = settings.logs.batch.max_export_batch_size;
  if (!settings.sdk_disabled) metric_exporters_ = pools.metrics.for_settings(settings, owner_);
  keeps_exemplars_ =
      metric_exporters_ != nullptr && !metric_exporters_->empty() && settings.metrics.exemplars;
  while (exporters_ != nullptr && held_.size() < exporters_->size())
    held_.push_back(std::make_shared<std::atomic<std::size_t>>(0));
  replay();
}

void Host::replay() {
  const Spool::Step step = spool_->last_step();
  if (step.end_position != 0) reader_.finish_taking(step.chunk, step.end_position);
  assembler_.begin_from(spool_->remembered());
  spool_->replay([this](std::span<const std::uint8_t> bytes, telemetry::Place place) {
    assembler_.add(segment::record_view(bytes), place);
  });
}

std::size_t Host::round() {
  settle_returned();
  spool_->make_room();
  const std::size_t size = drain();
  trim_if_idle(size);
  if (spool_is_full_ && away_ != 0 && !stuck()) relieve_spool();
  reader_.refresh();
  assembler_.host_dropped_ends(
      reader_.host().counters[static_cast<std::size_t>(segment::HostCounter::kSendEndsDropped)]);
  assembler_.end_round(batches_, {reader_.pass_is_over(), std::min(room_of_exporters(), most_spans(size))});
  spool_->remember(assembler_.complete_until_ns());
  hand_on();
  if (stuck()) assembler_.give_up_oldest_sends();
  plan_next_round(size);
  return size;
}

// When there is more to read than a round may, the host is faster than we are: its records come first,
// because in the spool they can wait, and in a full segment they find no room.
std::size_t Host::most_spans(std::size_t read) const {
  const bool is_behind = read > kMostInARound - segment::kChunkSize;
  return is_behind && !spool_is_full_ ? kMostSpansWhenBehind : kMostSpansInARound;
}

// A busy host wants the memory back at once, and to make it anew costs more than to fill it.
void Host::trim_if_idle(std::size_t read) {
  const std::uint64_t now_ns = base::monotonic_ns();
  if (read != 0) last_read_ns_ = now_ns;
  if (now_ns - last_read_ns_ > kTrimAfterNs) spool_->trim();
}

void Host::plan_next_round(std::size_t read) {
  const double fills_in_ns = static_cast<double>(reader_.host().segment_size) / kBytesInANs;
  const std::uint64_t longest =
      std::clamp(static_cast<std::uint64_t>(fills_in_ns), kShortestPauseNs, kLongestPauseNs);
  const bool idle = read == 0 && away_ == 0;
  pause_ns_ = idle ? std::min(2 * pause_ns_, longest) : kShortestPauseNs;
  const bool hurry = read >= kBusyRound || !reader_.pass_is_over();
  next_round_ns_ = base::monotonic_ns() + (hurry && read != 0 ? 0 : pause_ns_);
}

// What does not fit into their queues is not assembled yet: records wait in the spool. The one with the most
// room decides, so that a receiver that is away does not hold up another: its exporter drops and counts.
std::size_t Host::room_of_exporters() const {
  if (exporters_ == nullptr || exporters_->empty()) return SIZE_MAX;
  std::size_t room = 0;
  for (const auto& exporter : *exporters_) room = std::max(room, exporter->room());
  return room;
}

// The spool is full of sends whose ends cannot be read because the spool is full. What waits for exporters
// will make room by itself; nothing does when a round has made nothing for them although they would take it.
bool Host::stuck() const {
  if (!spool_is_full_) return false;
  if (away_ == 0) return room_of_exporters() != 0;
  return assembler_.unanswered_sends() * sizeof(segment::SendStarted) > spool_->size() / 2;
}

// A batch's records stay in the spool until the last exporter lets go of it. When one has let go of all and
// waits for more, while another keeps the spool full, that one loses what waits at it.
void Host::relieve_spool() {
  const auto holds_nothing = [](const auto& held) { return *held == 0; };
  if (std::none_of(held_.begin(), held_.end(), holds_nothing)) return;
  for (std::size_t at = 0; at < held_.size(); ++at) {
    if (*held_[at] != 0) (*exporters_)[at]->give_up(*resource_);
  }
}

std::size_t Host::drain() {
  segment::ReadProblem problem = segment::ReadProblem::kNone;
  Allowance allowance{*spool_};
  const std::size_t size = reader_.drain(allowance, problem, [this](const segment::RecordView& record) {
    assembler_.add(record, spool_->take(record.bytes));
  });
  spool_is_full_ = allowance.spool_is_full();
  if (problem != segment::ReadProblem::kNone) {
    log_.warning("segment " + name_, "the segment of " + std::string{reader_.host().program} + " (pid " +
                                         std::to_string(reader_.host().pid) +
                                         ") is damaged: " + describe(problem));
  }
  return size;
}

bool Host::end_round(bool drop_what_has_no_room) {
  if (round() != 0) return false;
  // A spool that is full of records which wait for others: nothing else will make room for those. What was
  // away when the spool was full may have come back since, and makes room in the next round.
  const bool never_gets_room = spool_is_full_ && away_ == 0;
  const bool goes_on = !reader_.pass_is_over() || assembler_.has_ends();  // a round makes only so many spans
  if (goes_on && !drop_what_has_no_room && !never_gets_room) return false;
  const std::size_t room = drop_what_has_no_room ? SIZE_MAX : room_of_exporters();
  if (room == 0 && assembler_.counts().in_flight != 0) return false;
  const bool has_ended = assembler_.end_host(batches_, room);
  hand_on();
  reader_.refresh();
  return has_ended && reader_.pass_is_over();
}

bool Host::nothing_away() {
  settle_returned();
  return away_ == 0;
}

void Host::hand_on() {
  for (std::unique_ptr<telemetry::SpanBatch>& batch : batches_.take()) {
    batch->resource = resource_;
    batch->kept_for_next = spool_->in_file();
    hand_on_failures(*batch);
    if (exporters_ == nullptr) without_destination_ += batch->spans.size();
    ++away_;
    if (keeps_exemplars_) {
      for (const telemetry::Span& span : batch->spans) metrics_.note(span);
    }
    const std::shared_ptr<const telemetry::SpanBatch> shared{
        batch.release(), [returns = returns_](telemetry::SpanBatch* done) {
          returns->put(std::unique_ptr<telemetry::SpanBatch>{done});
        }};
    if (shared->spans.empty() || exporters_ == nullptr) continue;  // or only records that are done with
    for (std::size_t at = 0; at < exporters_->size(); ++at) (*exporters_)[at]->submit(lent(shared, at));
  }
}

// Their log records go a way of their own: they are copied, so that a receiver of logs that is away keeps no
// records in the spool.
void Host::hand_on_failures(const telemetry::SpanBatch& batch) {
  if (log_exporters_ != nullptr && log_exporters_->empty()) return;
  for (const auto& failed : telemetry::failed_spans(batch, most_logs_at_once_)) {
    if (log_exporters_ == nullptr) {
      logs_without_destination_ += failed->spans.size();
      continue;
    }
    for (const auto& exporter : *log_exporters_) exporter->submit(failed);
  }
}

// The same batch, which is counted as long as this exporter holds it. Where there is only one, nobody asks.
std::shared_ptr<const telemetry::SpanBatch> Host::lent(std::shared_ptr<const telemetry::SpanBatch> batch,
                                                       std::size_t exporter) {
  if (held_.size() == 1) return batch;
  ++*held_[exporter];
  const telemetry::SpanBatch* spans = batch.get();
  return {spans,
          [batch = std::move(batch), held = held_[exporter]](const telemetry::SpanBatch*) { --*held; }};
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
