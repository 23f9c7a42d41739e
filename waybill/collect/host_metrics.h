#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "waybill/lag/join_lag.h"
#include "waybill/segment/reader.h"
#include "waybill/telemetry/metric.h"
#include "waybill/telemetry/metric_assembler.h"

namespace waybill::collect {

// What the host's threads have spent in our hooks: an estimate from those that were measured.
std::uint64_t hook_ns(const segment::Reader& reader);

// What one host has counted, as metrics. Everything stands in its segment, so there is nothing to lose here.
// Owned by the collector's thread.
class HostMetrics {
 public:
  // `source` names the segment; `definitions` outlives this. `by_partition`: partitions are told apart.
  HostMetrics(std::string source, telemetry::Definitions& definitions, bool by_partition)
      : source_{std::move(source)}, assembler_{definitions}, exemplars_{by_partition} {}

  // A span that goes to the exporters: it may become an exemplar.
  void note(const telemetry::Span& span) { exemplars_.add(span); }

  // What is known of the host besides its segment.
  struct State {
    bool last = false;                          // it has ended
    std::span<const lag::LagPoint> lags = {};   // of the partitions that its consumers have
    std::optional<double> adaptive_ratio = {};  // none: another sampler decides
  };

  // As it stands now.
  std::shared_ptr<const telemetry::MetricSnapshot> snapshot(
      const segment::Reader& reader, std::shared_ptr<const telemetry::Resource> resource, const State& state);

 private:
  std::string source_;
  telemetry::MetricAssembler assembler_;
  telemetry::Exemplars exemplars_;
};

}  // namespace waybill::collect
