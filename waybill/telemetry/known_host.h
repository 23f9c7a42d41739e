#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "waybill/segment/reader.h"
#include "waybill/telemetry/definitions.h"
#include "waybill/telemetry/kept_spans.h"
#include "waybill/telemetry/operation.h"
#include "waybill/telemetry/record_store.h"
#include "waybill/telemetry/semantic_conventions.h"
#include "waybill/telemetry/shape_cache.h"

namespace waybill::telemetry {

// Two clocks of a host, read at the same moment.
struct ClockAnchor {
  std::uint64_t monotonic_ns = 0;
  std::uint64_t realtime_ns = 0;

  std::uint64_t to_unix_ns(std::uint64_t monotonic) const { return realtime_ns + (monotonic - monotonic_ns); }
};

// What is known of the host whose records are joined; shared by what joins them. Owned by one thread.
class KnownHost {
 public:
  // `definitions` and `records` outlive it.
  KnownHost(Definitions& definitions, RecordStore& records, ClockAnchor clock, SpanLimits limits)
      : definitions_{definitions}, records_{records}, clock_{clock}, limits_{limits} {}

  std::string_view text(std::uint32_t id, segment::DefinitionKind kind) {
    return definitions_.text(id, kind);
  }
  ClientView client(std::uint32_t profile, std::uint32_t client);
  // What the host calls error `id`, and how it describes it.
  Failure failure(std::uint32_t id);

  // A client belongs to a cluster; the record at `place` said so, and is settled when it is not needed.
  // False: the host names more clients than one has.
  bool learn_cluster(const segment::ClientCluster& record, Place place);
  // The client is gone. Returns the place of the record that told its cluster, or kNoPlace.
  Place forget_client(std::uint32_t client);
  std::vector<Place> forget_all_clients();

  RecordStore& records() { return records_; }
  const ClockAnchor& clock() const { return clock_; }
  const SpanLimits& limits() const { return limits_; }
  ShapeCache& shapes() { return shapes_; }
  KeptSpans& kept() { return kept_; }

  // The fixed part of a record that was checked when it was taken.
  template <typename Record>
  Record record(Place place) const {
    Record record;
    std::memcpy(&record, records_.record(place), sizeof record);
    return record;
  }

 private:
  struct Cluster {
    std::string id;
    Place place = kNoPlace;  // of the record that told it
  };

  Definitions& definitions_;
  RecordStore& records_;
  ClockAnchor clock_;
  SpanLimits limits_;
  KeptSpans kept_;
  absl::flat_hash_map<std::uint32_t, std::unique_ptr<ClientProfile>> profiles_;
  absl::flat_hash_map<std::uint32_t, Cluster> clusters_;
  ShapeCache shapes_;
};

}  // namespace waybill::telemetry
