#include "waybill/collect/host_metrics.h"

#include <array>
#include <utility>

#include "waybill/base/clock.h"
#include "waybill/lag/lag_metrics.h"

namespace waybill::collect {
namespace {

using segment::HostCounter;
using telemetry::InstrumentKind;
using telemetry::MetricDescription;

constexpr MetricDescription kRecordsDropped{
    .name = "waybill.records.dropped",
    .unit = "{record}",
    .description = "Records for which the program's segment had no room.",
    .observable = true};
constexpr MetricDescription kInjectionsSkipped{
    .name = "waybill.injections.skipped",
    .unit = "{message}",
    .description = "Messages that left without the context that they should carry.",
    .observable = true};
constexpr MetricDescription kContextsMalformed{
    .name = "waybill.contexts.malformed",
    .unit = "{message}",
    .description = "Messages with a context in their headers that could not be read.",
    .observable = true};
constexpr MetricDescription kNotObserved{
    .name = "waybill.not_observed",
    .unit = "{event}",
    .description = "What found no place in the program's tables and is missing in its telemetry.",
    .observable = true};
constexpr MetricDescription kSegmentSize{.name = "waybill.segment.size",
                                         .unit = "By",
                                         .description = "Size of the program's segment.",
                                         .instrument = InstrumentKind::kUpDownCounter,
                                         .observable = true};
constexpr MetricDescription kSegmentUnread{
    .name = "waybill.segment.unread",
    .unit = "By",
    .description = "Records in the program's segment that are not collected yet.",
    .instrument = InstrumentKind::kUpDownCounter,
    .observable = true};

constexpr MetricDescription kHookTime{
    .name = "waybill.hook.time",
    .unit = "s",
    .description = "Time that the program spent in Waybill's hooks for messages, from every 256th of them.",
    .is_integer = false,
    .observable = true};

constexpr MetricDescription kSamplerRatio{
    .name = "waybill.sampler.ratio",
    .unit = "1",
    .description = "The share of traces that the adaptive sampler keeps.",
    .instrument = InstrumentKind::kGauge,
    .is_integer = false,
    .observable = true};

// Which of the host's counters is which point.
struct CounterLine {
  HostCounter counter;
  const MetricDescription* metric;
  std::string_view reason;
};
constexpr std::array kCounterLines{
    CounterLine{HostCounter::kSendStartsDropped, &kRecordsDropped, "send_start"},
    CounterLine{HostCounter::kSendEndsDropped, &kRecordsDropped, "end"},
    CounterLine{HostCounter::kConsumeRecordsDropped, &kRecordsDropped, "consume"},
    CounterLine{HostCounter::kWholeRecordsDropped, &kRecordsDropped, "operation"},
    CounterLine{HostCounter::kInjectionsSkippedBySize, &kInjectionsSkipped, "message_size"},
    CounterLine{HostCounter::kInjectionsFailed, &kInjectionsSkipped, "refused"},
    CounterLine{HostCounter::kContextsMalformed, &kContextsMalformed, ""},
    CounterLine{HostCounter::kDefinitionsDropped, &kNotObserved, "name"},
    CounterLine{HostCounter::kScopesDropped, &kNotObserved, "processing"},
    CounterLine{HostCounter::kClientsNotObserved, &kNotObserved, "client"},
    CounterLine{HostCounter::kPartitionsNotObserved, &kNotObserved, "partition"},
};

void put(telemetry::MetricSnapshot& snapshot, const MetricDescription& metric, std::string_view reason,
         telemetry::MetricPoint point) {
  if (snapshot.metrics.empty() || snapshot.metrics.back().description != &metric)
    snapshot.metrics.push_back({&metric, {}});
  if (!reason.empty()) {
    const telemetry::Attribute attribute{"reason", reason};
    point.attributes = snapshot.memory.keep(std::span{&attribute, 1});
  }
  snapshot.metrics.back().points.push_back(point);
}

void put_own(telemetry::MetricSnapshot& snapshot, const segment::Reader& reader,
             const telemetry::MetricPoint& empty) {
  telemetry::MetricPoint point = empty;
  for (const CounterLine& line : kCounterLines) {
    point.integer = static_cast<std::int64_t>(reader.host().counters[static_cast<std::size_t>(line.counter)]);
    put(snapshot, *line.metric, line.reason, point);
  }
  point.number = static_cast<double>(hook_ns(reader)) * 1e-9;
  put(snapshot, kHookTime, {}, point);
  point.integer = static_cast<std::int64_t>(reader.host().segment_size);
  put(snapshot, kSegmentSize, {}, point);
  point.integer = static_cast<std::int64_t>(reader.unread_bytes());
  put(snapshot, kSegmentUnread, {}, point);
}

}  // namespace

std::uint64_t hook_ns(const segment::Reader& reader) {
  return segment::kHooksForASample *
         reader.host().counters[static_cast<std::size_t>(HostCounter::kSampledHookNs)];
}

std::shared_ptr<const telemetry::MetricSnapshot> HostMetrics::snapshot(
    const segment::Reader& reader, std::shared_ptr<const telemetry::Resource> resource, const State& state) {
  auto made = std::make_shared<telemetry::MetricSnapshot>();
  made->source = source_;
  made->resource = std::move(resource);
  made->last = state.last;
  telemetry::MetricPoint empty;
  empty.start_unix_ns = reader.host().anchor_realtime_ns;
  empty.time_unix_ns = base::realtime_ns();
  reader.for_each_cell([this](const segment::MetricCell& cell) { assembler_.add(cell); });
  made->metrics = assembler_.take({empty.start_unix_ns, empty.time_unix_ns}, exemplars_, made->memory);
  put_own(*made, reader, empty);
  if (state.adaptive_ratio) {
    empty.number = *state.adaptive_ratio;
    put(*made, kSamplerRatio, {}, empty);
  }
  lag::add_lag_metrics(*made, state.lags);
  return made;
}

}  // namespace waybill::collect
