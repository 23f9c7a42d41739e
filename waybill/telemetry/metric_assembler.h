#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "waybill/segment/metric_cell.h"
#include "waybill/telemetry/client_profile.h"
#include "waybill/telemetry/definitions.h"
#include "waybill/telemetry/exemplars.h"
#include "waybill/telemetry/metric.h"

namespace waybill::telemetry {

// Makes metric points of what a host has counted. Cells whose attributes are the same are one series: clients
// that differ only in what metrics do not tell, and cells that two threads made at the same time. Nothing is
// remembered between two snapshots but names. Owned by one thread.
class MetricAssembler {
 public:
  // From when to when the cells count.
  struct Interval {
    std::uint64_t start_unix_ns = 0;
    std::uint64_t time_unix_ns = 0;
  };

  // `definitions` outlives it.
  explicit MetricAssembler(Definitions& definitions) : definitions_{definitions} {}

  // Adds what one cell counts to the snapshot that is being made. A cell that says what no host writes is
  // left out.
  void add(const segment::MetricCell& cell);

  // The metrics of all cells that were added since the last time; durations get those `exemplars` that are
  // theirs. Texts are kept in `memory`.
  std::vector<Metric> take(const Interval& interval, const Exemplars& exemplars, Arena& memory);

 private:
  // What tells series apart; not all kinds use all of it.
  struct Series {
    segment::CellKind kind{};
    bool is_overflow = false;
    std::string topic;
    std::string group;
    Server server;
    std::string error;
    std::string partition;  // empty: not told apart, or of several

    auto parts() const {
      return std::tie(kind, is_overflow, topic, group, server.host, server.port, error, partition);
    }
    friend bool operator<(const Series& left, const Series& right) { return left.parts() < right.parts(); }
  };
  struct Sums {
    std::uint64_t count = 0;
    std::uint64_t bytes = 0;
    segment::CellHistogram histograms[3] = {};
  };

  Series series_of(const segment::CellKey& key);
  const ClientProfile& profile(std::uint32_t id);

  Definitions& definitions_;
  absl::flat_hash_map<std::uint32_t, std::unique_ptr<ClientProfile>> profiles_;
  std::map<Series, Sums> sums_;  // ordered, so that the same cells give the same snapshot
};

}  // namespace waybill::telemetry
