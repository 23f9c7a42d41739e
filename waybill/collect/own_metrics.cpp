#include "waybill/collect/own_metrics.h"

#include <unistd.h>

#include <utility>

#include "waybill/base/clock.h"
#include "waybill/collect/collector.h"
#include "waybill/collect/machine_name.h"
#include "waybill/lag/lag_metrics.h"
#include "waybill/telemetry/resource.h"

namespace waybill::collect {
namespace {

using telemetry::InstrumentKind;
using telemetry::MetricDescription;

constexpr MetricDescription kSpansStarted{
    .name = "waybill.spans.started",
    .unit = "{span}",
    .description = "Operations of all programs of which a record was read, or for which none found room.",
    .observable = true};
constexpr MetricDescription kSpansExported{
    .name = "waybill.spans.exported",
    .unit = "{span}",
    .description = "Spans that their receivers took. Several exporters count a span once each.",
    .observable = true};
constexpr MetricDescription kSpansDropped{.name = "waybill.spans.dropped",
                                          .unit = "{span}",
                                          .description = "Spans that are lost, by reason.",
                                          .observable = true};
constexpr MetricDescription kSpansQueued{.name = "waybill.spans.queued",
                                         .unit = "{span}",
                                         .description = "Spans that wait for their receivers.",
                                         .instrument = InstrumentKind::kUpDownCounter,
                                         .observable = true};
constexpr MetricDescription kLogsExported{
    .name = "waybill.logs.exported",
    .unit = "{record}",
    .description = "Log records that their receivers took. Several exporters count a record once each.",
    .observable = true};
constexpr MetricDescription kLogsDropped{.name = "waybill.logs.dropped",
                                         .unit = "{record}",
                                         .description = "Log records that are lost, by reason.",
                                         .observable = true};
constexpr MetricDescription kLogsQueued{.name = "waybill.logs.queued",
                                        .unit = "{record}",
                                        .description = "Log records that wait for their receivers.",
                                        .instrument = InstrumentKind::kUpDownCounter,
                                        .observable = true};
constexpr MetricDescription kRetries{.name = "waybill.export.retries",
                                     .unit = "{request}",
                                     .description = "Requests to receivers that were sent again.",
                                     .observable = true};
constexpr MetricDescription kPrograms{.name = "waybill.programs",
                                      .unit = "{process}",
                                      .description = "Traced programs whose segments are being read.",
                                      .instrument = InstrumentKind::kUpDownCounter,
                                      .observable = true};
constexpr MetricDescription kCpuTime{.name = "waybill.collector.cpu.time",
                                     .unit = "s",
                                     .description = "Processor time of the collecting process.",
                                     .is_integer = false,
                                     .observable = true};

// Puts points into a snapshot, those of one metric one after the other.
class Points {
 public:
  Points(telemetry::MetricSnapshot& snapshot, const telemetry::MetricPoint& empty)
      : snapshot_{snapshot}, empty_{empty} {}

  void put(const MetricDescription& metric, std::uint64_t value, std::string_view reason = {}) {
    point(metric, reason).integer = static_cast<std::int64_t>(value);
  }
  void put(const MetricDescription& metric, double value) { point(metric, {}).number = value; }

 private:
  telemetry::MetricPoint& point(const MetricDescription& metric, std::string_view reason) {
    if (snapshot_.metrics.empty() || snapshot_.metrics.back().description != &metric)
      snapshot_.metrics.push_back({&metric, {}});
    telemetry::MetricPoint& made = snapshot_.metrics.back().points.emplace_back(empty_);
    const telemetry::Attribute attribute{"reason", reason};
    if (!reason.empty()) made.attributes = snapshot_.memory.keep(std::span{&attribute, 1});
    return made;
  }

  telemetry::MetricSnapshot& snapshot_;
  telemetry::MetricPoint empty_;
};

void put_drops(Points& points, const MetricDescription& metric,
               const exporters::ExporterStatistics& statistics) {
  points.put(metric, statistics.dropped_queue_full, "queue_full");
  points.put(metric, statistics.dropped_rejected, "rejected");
  points.put(metric, statistics.dropped_unreachable, "unreachable");
}

struct Sums {
  std::uint64_t started = 0;
  std::uint64_t no_room = 0;
  std::uint64_t lost_end = 0;
  std::uint64_t spool_full = 0;
  std::uint64_t no_destination = 0;
  std::uint64_t logs_no_destination = 0;
};

Sums sums_of(const Books& books) {
  Sums sums;
  for (const HostBooks& host : books.hosts) {
    sums.started += host.started;
    sums.no_room += host.dropped_no_room;
    sums.lost_end += host.dropped_lost_end;
    sums.spool_full += host.dropped_spool_full;
    sums.no_destination += host.dropped_no_destination;
    sums.logs_no_destination += host.log_records_no_destination;
  }
  return sums;
}

}  // namespace

OwnMetrics::OwnMetrics(clockid_t cost)
    : cost_{cost},
      source_{"waybill-" + std::to_string(getpid())},
      resource_{std::make_shared<const telemetry::Resource>(telemetry::make_resource(
          "waybill", {}, {"waybill", getpid(), machine_name(), base::realtime_ns()}))},
      start_unix_ns_{base::realtime_ns()} {}

std::shared_ptr<const telemetry::MetricSnapshot> OwnMetrics::snapshot(
    const Books& books, bool last, std::span<const lag::LagPoint> lags) const {
  auto made = std::make_shared<telemetry::MetricSnapshot>();
  made->source = source_;
  made->resource = resource_;
  made->last = last;
  telemetry::MetricPoint empty;
  empty.start_unix_ns = start_unix_ns_;
  empty.time_unix_ns = base::realtime_ns();
  Points points{*made, empty};
  const Sums sums = sums_of(books);
  const exporters::ExporterStatistics& exporters = books.exporters;
  points.put(kSpansStarted, sums.started);
  points.put(kSpansExported, exporters.exported);
  points.put(kSpansDropped, sums.no_room, "no_room");
  points.put(kSpansDropped, sums.lost_end, "lost_end");
  points.put(kSpansDropped, sums.spool_full, "spool_full");
  points.put(kSpansDropped, sums.no_destination, "no_destination");
  put_drops(points, kSpansDropped, exporters);
  points.put(kSpansQueued, exporters.pending);
  points.put(kLogsExported, books.log_exporters.exported);
  points.put(kLogsDropped, sums.logs_no_destination, "no_destination");
  put_drops(points, kLogsDropped, books.log_exporters);
  points.put(kLogsQueued, books.log_exporters.pending);
  points.put(kRetries, exporters.retries + books.log_exporters.retries);
  points.put(kPrograms, std::uint64_t{books.living});
  points.put(kCpuTime, static_cast<double>(base::time_of(cost_)) * 1e-9);
  lag::add_lag_metrics(*made, lags);
  return made;
}

}  // namespace waybill::collect
